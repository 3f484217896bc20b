"""The concepts: families of words, in both languages, that stand for one thing an office must tell apart.

"Khách xếp hàng", "guests are queueing" and "tài xế đứng ngoài cổng" say alike that somebody waits at a place; a learnt
weight on the concept serves all of them, and the next wording too. Pure; it knows no mail and no weight.

Words are written with all their marks. A single syllable with marks that is written without them is no sign of
anything ("chay" is fire, to run and vegetarian food) and is not found; phrases are.
"""

from collections.abc import Sequence
from enum import StrEnum

from responder.words.phrasebook import Phrasebook, Sign
from responder.words.tokens import Token


class Concept(StrEnum):
    """What a word stands for. The value is read by people, in the weights and in the tests."""

    # who and what
    CUSTOMER = "customer"
    FRAIL = "frail person"
    OFFICIAL = "official"
    CREW = "crew"
    SYSTEM = "system"
    BUILDING = "building"
    GOODS = "goods"
    VEHICLE = "vehicle"
    PERISHABLE = "perishable"
    PAPER = "paper"
    MONEY = "money"
    ACCOUNT = "account"
    EVENT = "event"
    APPOINTMENT = "appointment"
    # harm
    FAILING = "failing"
    WATER = "water out"
    FIRE = "fire"
    GAS = "gas"
    ELECTRIC = "live wire"
    HURT = "hurt"
    TRAPPED = "trapped"
    MISSING = "missing person"
    LEAK = "data open"
    TAKEN_OVER = "taken over"
    DRAINED = "money going"
    LOST_DATA = "data lost"
    THEFT = "theft"
    WARMING = "warming"
    COLLAPSE = "giving way"
    WRONG = "wrong"
    POWER_CUT = "no power"
    # need
    WAITING = "waiting"
    THERE = "at the spot"
    LOCKED_OUT = "locked out"
    NO_ANSWER = "nobody answers"
    CLOSES = "chance closes"
    DEPARTS = "departs"
    PENALTY = "penalty"
    COME = "come"
    CALL = "call"
    SEND = "send"
    FIX = "fix"
    STOP = "stop it"
    OPEN = "open up"
    MAKE = "make"
    CHECK = "check"
    WHO_IS_THERE = "who is there"
    ONLY_YOU = "only you"
    HURRY = "hurry"
    WORSE = "getting worse"
    ONGOING = "going on"
    ALL = "all of it"
    # what takes it away
    OVER = "over"
    INFORM = "for information"
    NO_ACTION = "nothing to do"
    NO_HURRY = "no hurry"
    SUPPOSED = "supposed"
    POLICY = "rules asked"
    DRILL = "drill or course"
    ADVERT = "advertising"
    PHISHING = "account threat"
    NEWS = "news"
    LATER = "later"
    PLAN = "plan"
    AGREED = "agreed"
    LUCKY = "luckily"
    # situations
    THANKS = "thanks"
    RECEIVED = "received"
    PRICE = "price"
    HOW_MUCH = "how much"
    DISCOUNT = "discount"
    UNHAPPY = "unhappy"
    REDRESS = "redress"
    PROMISED = "promised"
    INSULT = "insult"
    THREAT = "threat"
    CHANGE = "change"
    ADD = "add"
    DROP = "drop"
    PUT_OFF = "put off"
    LATE = "late"
    CANNOT_COME = "cannot come"
    EXTEND = "extend"
    PAY = "pay"
    OWED = "owed"
    DISPUTE = "dispute"
    SHORT_OF_MONEY = "short of money"
    HOURS = "hours"
    WHERE = "where"
    HOW_TO = "how to"
    PASSWORD = "password"  # noqa: S105 - a word family
    ORDER = "order"
    EXPRESS = "express"
    SOONER = "sooner than usual"
    CONFIRM = "confirm"
    PRAISE = "praise"
    JOKE = "joke"


_WORDS: dict[Concept, str] = {
    Concept.CUSTOMER: """
        khách, khách hàng, khách khứa, quan khách, khách mời, học viên, học sinh, sinh viên, thí sinh, hành khách, khán
        giả, cư dân, cô dâu, chú rể, người mua, người bệnh, du khách, thực khách, customer, customers, guest, guests,
        client, clients, visitor, visitors, attendees, passengers, students, audience, bride, groom, residents,
        shoppers, users, tenants
    """,
    Concept.FRAIL: """
        em bé, bé, cháu bé, cháu nhỏ, con nhỏ, trẻ em, trẻ con, cụ bà, cụ ông, bà cụ, ông cụ, bà ngoại, bà nội, ông
        ngoại, ông nội, mẹ già, người già, bà bầu, thai phụ, sản phụ, bệnh nhân, bé gái, bé trai, con gái em, con trai
        em, mẹ em, ba em, baby, toddler, child, children, kid, kids, infant, elderly, grandmother, grandfather, grandma,
        pregnant, patient, patients, my mother, my father, my son, my daughter, old lady, old man
    """,
    Concept.OFFICIAL: """
        hải quan, cán bộ, công an, thanh tra, kiểm toán, cơ quan thuế, công chứng, giám khảo, giám thị, thẩm phán, tòa
        án, lãnh sự, đại sứ quán, chủ đầu tư, giám sát, tư vấn giám sát, đoàn kiểm tra, ngân hàng, kiểm dịch, phòng
        cháy, quản lý thị trường, customs, officer, officers, inspector, inspectors, auditor, auditors, examiner,
        embassy, consulate, notary, police, immigration, surveyor, the judge, the court, the bank
    """,
    Concept.CREW: """
        tài xế, bác tài, lái xe, thợ, công nhân, anh em thợ, tốp thợ, đội thi công, bốc xếp, shipper, nhân viên, bảo vệ,
        lễ tân, driver, drivers, crew, movers, workers, staff, installers, technician, technicians, courier, the guard,
        receptionist, tổ thợ, đội thợ
    """,
    Concept.SYSTEM: """
        máy chủ, server, servers, website, web, trang web, hệ thống, phần mềm, ứng dụng, app, database, cơ sở dữ liệu,
        cổng thanh toán, máy tính tiền, máy pos, pos, thu ngân, tổng đài, mạng, đường truyền, wifi, hosting, tên miền,
        domain, camera, máy in, máy quét, api, production, the site, system, systems, platform, portal, checkout,
        payment gateway, network, internet, till, tills, switchboard, app bán hàng, trang bán hàng, máy chấm công, vpn,
        e-mail server, mail server, dashboard, kios, kiosk, software
    """,
    Concept.BUILDING: """
        trần, mái, tường, sàn, cầu thang, thang máy, hầm, tầng hầm, ống nước, bồn nước, máy bơm, điều hòa, máy lạnh, tủ
        điện, cửa cuốn, cổng, cửa, giàn giáo, cần cẩu, ban công, mái tôn, kho, xưởng, roof, ceiling, wall, floor,
        basement, lift, elevator, pump, boiler, scaffold, scaffolding, crane, gate, shutter, balcony, warehouse, pipe,
        air conditioner, aircon, heater
    """,
    Concept.GOODS: """
        hàng, lô hàng, hàng hóa, kiện hàng, container, cont, đơn hàng, vật tư, nguyên liệu, bao bì, pallet, shipment,
        goods, cargo, consignment, parcel, parcels, pallets, delivery, materials, package
    """,
    Concept.VEHICLE: """
        xe, xe tải, xe cẩu, xe bồn, xe container, xe đầu kéo, tàu, sà lan, truck, lorry, van, vessel, barge, mixer,
        trailer, forklift, xe nâng, xe bê tông, taxi
    """,
    Concept.PERISHABLE: """
        đông lạnh, kho lạnh, tủ lạnh, tủ đông, tủ mát, xe lạnh, vắc xin, vaccine, vaccines, thuốc, hải sản, tôm, cá,
        thịt, hoa tươi, trái cây, sữa, máu, insulin, reefer, cold store, cold room, freezer, freezers, fridge, seafood,
        medicine, medicines, flowers, milk, embryos, samples, mẫu vi sinh, tủ ấm, tủ sấy, incubator, meat, fruit, đồ
        tươi, bánh kem
    """,
    Concept.PAPER: """
        hồ sơ, chứng từ, giấy tờ, hợp đồng, hóa đơn, tờ khai, giấy phép, công văn, biên bản, bảng kê, con dấu, chữ ký,
        vận đơn, lệnh giao hàng, giấy ủy quyền, bản dịch, phiếu, documents, document, contract, invoice, certificate,
        permit, declaration, bill of lading, form, forms, signature, stamp, papers, paperwork, visa, passport, hộ chiếu,
        bản vẽ, drawing, drawings
    """,
    Concept.MONEY: """
        tiền, chuyển khoản, thanh toán, công nợ, cọc, tiền cọc, phí, money, payment, deposit, fee, fees, refund,
        transfer, balance, triệu, million, tiền hàng, học phí, tiền nhà, tiền thuê, rent
    """,
    Concept.ACCOUNT: """
        tài khoản, fanpage, mật khẩu, đăng nhập, email công ty, quyền quản trị, thẻ, account, accounts, password, login,
        credentials, admin, card, cards, thẻ tín dụng, mã otp, otp
    """,
    Concept.EVENT: """
        đám cưới, lễ cưới, tiệc cưới, khai trương, khai mạc, hội nghị, hội thảo, sự kiện, lễ, tiệc, đám hỏi, đám tang,
        buổi lễ, sinh nhật, triển lãm, gala, buổi diễn, ra mắt, wedding, ceremony, conference, opening, exhibition,
        funeral, launch, birthday, party, concert, show, gala dinner, tradeshow, seminar
    """,
    Concept.APPOINTMENT: """
        lịch hẹn, cuộc hẹn, cuộc họp, buổi họp, buổi hẹn, lịch khám, buổi học, lịch, ca học, lịch giao, lịch lắp, buổi,
        buổi phỏng vấn, appointment, meeting, session, interview, booking, lesson, class, slot, viewing, schedule, call
        tomorrow, lịch họp, phỏng vấn
    """,
    Concept.FAILING: """
        không chạy, không lên, không mở được, không vào được, không vô được, không in được, không truy cập được, không
        đăng nhập được, không kết nối được, không hoạt động, không phản hồi, không bật được, không khởi động, treo, bị
        treo, đứng hình, đứng im, đơ, bị đơ, sập, bị sập, chết máy, chết đứng, báo lỗi, bị lỗi, tê liệt, nằm im, ngừng
        hoạt động, ngưng chạy, tắt ngúm, trắng trang, trang trắng, màn hình đen, quay vòng, quay vòng vòng, mất mạng,
        mất kết nối, mất sóng, rớt mạng, hỏng, hư, bị hỏng, bị hư, trục trặc, không thanh toán được, không bán được,
        không xuất được, is down, are down, went down, goes down, dead, frozen, froze, freezes, crashed, crashes,
        crashing, not working, not respond, not responding, won't start, won't open, won't load, won't print, won't turn
        on, doesn't work, stopped working, does not work, blank page, white screen, black screen, error, errors,
        timeout, times out, timing out, offline, cannot log in, can't log in, cannot access, can't access, broken,
        unavailable, refuses, spinning, rejected, fails, failing, failed, out of order, stuck, jammed, no signal, 502,
        503, 504, lỗi 500, error 500, ngưng hoạt động, không quẹt được, không quét được,
        không có lạnh, không lạnh, chỉ thổi gió, cuts out, cut out, quit, died, lost power, no heat, no heating, no hot
        water, no dial tone, can't take cards, cannot take cards, can't sell, can't trade, can't serve, won't charge,
        won't close, won't lock, bricked, playing up, packed up, gone down, keeps saying
    """,
    Concept.WATER: """
        ngập, bị ngập, ngập nước, nước tràn, tràn vào, tràn ra, nước dâng, nước lên, nước vô, dột, bị dột, nước chảy,
        chảy xuống, chảy lênh láng, vỡ ống, bể ống, xì nước, phun nước, nước phun, rò nước, rỉ nước, thấm nước, nước rỏ,
        nước đổ, nước nhỏ, flood, flooding, flooded, water is, water coming, pouring, burst, gushing, dripping,
        overflowing, knee-deep, soaked, ankle deep, nước ngập, nước xối, nước đọng, lênh láng, leaking
    """,
    Concept.FIRE: """
        cháy, bốc cháy, đang cháy, khói, bốc khói, có khói, khói đen, mùi khét, khét, khét lẹt, tia lửa, xẹt lửa, bốc
        lửa, ngọn lửa, lửa, chập điện, chập cháy, phát nổ, nổ, bỏng, nóng ran, on fire, fire, smoke, smoking, sparks,
        sparking, flames, burning, burnt smell, scorched, smouldering, exploded, overheating,
        phồng pin, pin phồng, nóng bỏng tay, chảy nhựa, cháy xém, bén lửa, alight, caught fire, catching fire, too hot
        to touch, red hot, glowing, burning smell, smell of burning, something burning, smells burnt, charred, bulging,
        battery swelling, singed
    """,
    Concept.GAS: """
        mùi gas, rò gas, xì gas, rò rỉ gas, mùi ga, gas, khí gas, hóa chất, khí độc, amoniac, amoniắc, ammonia, smell
        gas, smells of gas, gas smell, gas leak, fumes, chemical, carbon monoxide, hissing, axit, acid
    """,
    Concept.ELECTRIC: """
        điện giật, bị giật, rò điện, rò rỉ điện, hở điện, dây điện đứt, dây điện, cầu dao, tủ điện, ổ cắm, tê tay,
        electric shock, live wire, shocked, cable down, breaker, socket, electrocuted, trạm biến áp
    """,
    Concept.HURT: """
        chảy máu, máu chảy, máu me, bị thương, gãy tay, gãy chân, ngất, ngất xỉu, bất tỉnh, khó thở, thở dốc, co giật,
        dị ứng, nổi mẩn, sưng, sưng mặt, sưng môi, ngộ độc, nôn, nôn ói, ói, tiêu chảy, đau bụng, đau ngực, tức ngực,
        sốt cao, tím tái, cấp cứu, té, ngã, bị té, bị ngã, mê man, lịm, choáng, vã mồ hôi, tai nạn, không thở được, uống
        nhầm, nuốt, bleeding, blood, unconscious, fainted, passed out, collapsed, breathing, can't breathe, cannot
        breathe, swelling, swollen, allergic, vomiting, throwing up, poisoning, seizure, chest pain, fever, hurt,
        injured, injury, ambulance, hospital, dizzy, broken arm, broken leg, fell, accident, hives, choking, swallowed,
        burned, burns, nhập viện, bệnh viện, tai nạn lao động,
        không tỉnh, gọi không thưa, hôn mê, tím môi, môi tím, phỏng, bị phỏng, dập tay, kẹp tay, kẹp chân, bị tông, xe
        tông, đụng xe, sốc thuốc, quá liều, mất máu, gãy xương, hóc, nghẹn, đuối nước, unresponsive, not responding to,
        not moving, isn't moving, won't wake, turned blue, lips are blue, gone limp, limp, slurred, slurring, overdose,
        concussion, gash, deep cut, crushed, wound, knocked down, hit by, run over, first aid, paramedic, paramedics,
        anaphylaxis, asthma, epipen, insulin, oxygen, food poisoning, stroke, heart attack, scalded, in labour, bleed,
        bleeds, nosebleed, fainting, sick after
    """,
    Concept.TRAPPED: """
        kẹt trong, mắc kẹt, bị kẹt, kẹt lại, nhốt, bị nhốt, nhốt trong, kẹt thang máy, không ra được, không thoát ra, ở
        trong đó, ở bên trong, còn trong, trapped, stuck inside, stuck in the lift, locked in, locked inside, can't get
        out, cannot get out, still inside, shut in,
        bị đè, đè lên, vùi, chôn vùi, kẹt giữa, pinned, pinned under, wedged, buried, stuck between, won't open from,
        stuck in there, can't get him out, can't get her out
    """,
    Concept.MISSING: """
        đi lạc, bị lạc, lạc đường, mất tích, không thấy đâu, chưa thấy về, chưa về, không liên lạc được, went missing,
        is missing, wandered off, has not come home, not come back, can't find him, can't find her, cannot find him,
        cannot find her, nobody has seen,
        đếm thiếu, không có trên xe, chưa thấy xuống, bỏ quên trên xe, đón nhầm, wasn't on the bus, not on the bus,
        isn't with, not with us, didn't get off, never came home, never got off, lost sight, hasn't returned, has not
        returned, no sign of him, no sign of her, not been seen, unaccounted, left behind
    """,
    Concept.LEAK: """
        lộ, bị lộ, lộ thông tin, lộ dữ liệu, rò rỉ, rò rỉ dữ liệu, công khai, ai cũng xem được, ai cũng vào được, không
        cần mật khẩu, không cần đăng nhập, xem được hết, thấy được hết, tải về được, tải được, google ra, của khách
        khác, của người khác, dữ liệu khách, danh sách khách, thông tin cá nhân, cccd, bảng lương, bệnh án, leak,
        leaked, exposed, public link, anyone can see, anyone can open, without a password, without logging in, other
        customers, other people's, someone else's, another customer's, personal data, payroll, medical records, breach,
        breached, visible to, wrong recipients, passport scans,
        gửi nhầm cho cả, thấy của người khác, hiện tên khách, để công khai, mở công khai, để public, other patients,
        another patient, other patient's, another customer, other users, another user, other people, somebody else's,
        strangers can, anybody can, anyone who, went to everyone, sent to everyone, in cc, cc'd, indexed, on google,
        whole list, their addresses, their details
    """,
    Concept.TAKEN_OVER: """
        bị hack, hack, bị chiếm, chiếm quyền, mất quyền, bị đổi mật khẩu, đổi mật khẩu, đăng nhập lạ, ip lạ, giả mạo,
        mạo danh, lừa đảo, mã độc, mã hóa, tống tiền, virus, bị tấn công, tấn công, nhắn tin vay tiền, đăng bậy, hacked,
        hijacked, taken over, locked me out, strange login, unknown login, impersonating, ransom, ransomware, encrypted,
        malware, attack, attacked, attacker, phishing, scam, fraud, fraudulent, not by us, compromised
    """,
    Concept.DRAINED: """
        bị trừ, trừ tiền, trừ liên tục, rút tiền, bị rút, giao dịch lạ, chuyển nhầm, chuyển đi, trừ hai lần, mất tiền,
        đốt tiền, quẹt liên tục, charged, charging, withdrawn, withdrawals, draining, unknown transactions, wrong
        account, transferred to, unauthorized, being spent, double charged, charged twice, chạy hết ngân sách,
        dư số 0, thừa số 0, dư một số, giá 0 đồng, bán giá, sai giá, tụt giá, extra zero, extra zeros, paid twice, pays
        out, paying out, keeps charging, money leaving, being charged, wrong price, wrong prices, at one tenth, going
        out to, double paid
    """,
    Concept.LOST_DATA: """
        mất dữ liệu, mất hết dữ liệu, xóa nhầm, xóa mất, bị xóa, mất hết, trắng trơn, không có backup, backup hỏng, biến
        mất, data loss, deleted, wiped, dropped, gone, disappeared, vanished, overwritten, no backup, bay sạch, mất sạch
    """,
    Concept.THEFT: """
        trộm, kẻ trộm, cướp, đột nhập, cạy cửa, phá khóa, bẻ khóa, lạ mặt, đập cửa, thief, thieves, broke in, break-in,
        breaking in, burglar, burglars, intruder, stolen, robbed, robbery, smashed, bị mất cắp, mất trộm, côn đồ, hung
        khí, dao, knife, đánh nhau,
        súng, mã tấu, chặn cửa, bao vây, giữ người, cầm dao, rình, gun, armed, weapon, prowler, crowbar, forcing the
        door, trying the door, trying the doors, hostage, threatening, following me, climbing over
    """,
    Concept.WARMING: """
        nhiệt độ, nhiệt độ tăng, tăng nhiệt, rã đông, tan đá, chảy đá, độ c, âm 18, lên 5 độ, nóng lên, hỏng hết hàng,
        thawing, thawed, melting, temperature, warming, degrees, spoil, spoiled, spoiling, rotting, rot, ôi, thiu, bốc
        mùi
    """,
    Concept.COLLAPSE: """
        sập, đổ sập, sắp sập, sắp đổ, nghiêng, nứt, nứt toác, võng, lún, sụt, sạt lở, đứt cáp, rơi xuống, rớt xuống,
        tuột, đổ xuống, bung, gãy, collapsed, collapsing, leaning, cracked, cracking, sagging, sinking, tilting, fell
        down, coming down, about to fall, snapped, hanging, giving way, tróc, lung lay,
        xiêu, xiêu vẹo, oằn, xô lệch, sụp, sụp xuống, bật gốc, lỏng chân, chao, bowed, bowing, buckled, buckling,
        swaying, wobbling, wobbles, came loose, come loose, came away, coming away, came off, hanging off, subsiding,
        sinkhole, landslide, dangling, falling off, tipped over, toppling, lean, leans, overhang, shifting
    """,
    Concept.WRONG: """
        sai, nhầm, bị sai, bị nhầm, thiếu, lộn, in sai, giao sai, giao nhầm, giao thiếu, không đúng, lệch, khác mẫu,
        wrong, incorrect, mistake, missing, mismatch, misprinted, typo, short, không khớp, không giống
    """,
    Concept.POWER_CUT: """
        mất điện, cúp điện, cúp nước, mất nước, không có điện, không có nước, nhảy cầu dao, nhảy aptomat, chập chờn, máy
        phát, power cut, no power, power is out, power went out, no water, outage, blackout, tripped, generator
    """,
    Concept.WAITING: """
        đang chờ, đang đợi, ngồi chờ, ngồi đợi, đứng chờ, đứng đợi, chờ sẵn, đợi sẵn, nằm chờ, chờ ngoài, đợi ngoài, xếp
        hàng, chờ từ, đợi từ, chờ nãy giờ, đợi nãy giờ, chờ mình, chờ em, chờ hàng, đợi hàng, chờ ở, chờ dài cổ, đứng
        ngoài, đứng dưới, đứng trước, ngồi đầy, waiting, is waiting, are waiting, queueing, queuing, queue, in line,
        lined up, standing by, standing here, seated, sitting here, idling, idle, kept waiting, hold the line, đứng
        chơi, ngồi chơi, bấm còi, nổ máy
    """,
    Concept.THERE: """
        ngoài cổng, trước cổng, ở cổng, tới cổng, ngoài cửa, trước cửa, dưới sảnh, ở sảnh, ở quầy, tại quầy, dưới nhà,
        dưới chân, trước nhà, tại cảng, ở cảng, ngoài sân bay, ở sân bay, tới nơi, đến nơi, trên tay, trước mặt, tại
        công trình, đang đứng, đang ngồi, em đang ở, đang trên, vừa tới, vừa đến, tới rồi, đến rồi, at the gate, at the
        door, outside, at the counter, at the desk, in the lobby, at the port, at the airport, at reception, in front
        of, downstairs, on site, i am here, we are here, i'm here, we're here, just arrived, in the corridor, on the
        doorstep, at the window, at the entrance
    """,
    Concept.LOCKED_OUT: """
        khóa cổng, khóa cửa, cổng khóa, cửa khóa, bị khóa, không có chìa, không ai mở, không cho vào, không cho vô,
        không cho xe, không cho qua, chặn lại, giữ lại, giữ xe, không chịu nhận, không nhận hàng, thẻ không, mã cửa,
        locked out, locked, locked gate, no key, won't let, will not let, not let us, turned away, refused entry,
        keypad, door code, blocked, no one to open, đóng cửa, khóa rồi, khóa trái
    """,
    Concept.NO_ANSWER: """
        không ai nghe, không ai bắt máy, không bắt máy, không nghe máy, không thấy ai, chẳng ai, không ai trả lời, đổ
        chuông, chuông hoài, thuê bao, không liên lạc được, gọi không được, gọi mãi, gọi hoài, gọi nãy giờ, nobody
        answers, no one answers, no answer, nobody picks up, no one is picking up, not picking up, rings out, goes to
        voicemail, can't reach, cannot reach, couldn't reach, could not reach, no one there, máy bận, không ai ra
    """,
    Concept.CLOSES: """
        hạn cuối, ngày cuối, hạn chót, hết hạn, đóng cổng, đóng thầu, mở thầu, hạn nộp, chốt sổ, chốt danh sách, đóng
        đăng ký, giữ chỗ tới, hết giờ, không kịp, kẻo, lỡ chuyến, lỡ tàu, lỡ hẹn, mất chỗ, mất suất, mất cọc, nhường
        chỗ, bán cho người khác, chỉ giữ, quá hạn, deadline, last day, last date, expires, expire, closes at, closes,
        cut-off, cutoff, window closes, submission, will lapse, lapse, lose the slot, lose our, lose the, miss the, miss
        our, only hold, only slot, last slot, giờ chót, phút chót, before it closes, ngưng nhận, khóa sổ, chốt đơn
    """,
    Concept.DEPARTS: """
        tàu chạy, cắt máng, giờ bay, cất cánh, khởi hành, lên máy bay, ra sân bay, chuyến bay, xe chạy, check-in,
        closing time, sails, sailing, departs, departure, leaves at, boarding, flight, takes off, cut off, etd, gate
        closes, ra ga, lên tàu
    """,
    Concept.PENALTY: """
        bị phạt, phạt, phạt tiền, phạt hợp đồng, lưu bãi, lưu kho, demurrage, detention, penalty, fined, fine,
        penalties, mất hợp đồng, lose the contract, đền hợp đồng, bồi thường, phạt chậm nộp, mất khách, lose the
        customer, dừng chuyền, ngừng chuyền, dừng dây chuyền, line stops, line is stopped, thiệt hại, losing
    """,
    Concept.COME: """
        cho người qua, cho người lên, cho người xuống, cử người, cho thợ, cho ai qua, ghé qua, qua xem, lên xem, xuống
        xem, chạy qua, qua liền, qua giúp, lên giúp, xuống giúp, qua ngay, tới xem, đến xem, qua sửa, tới sửa, ra mở,
        đem qua, mang qua, mang ra, mang lên, đem ra, đem tới, mang đến, mang tới, send someone, send somebody, come
        over, come and, come down, come by, come out, bring, somebody come, someone come, get someone, drop by, cho xe,
        điều xe, có người qua, ai qua, ai ra, ra đón
    """,
    Concept.CALL: """
        gọi lại, gọi cho, gọi em, gọi anh, gọi chị, gọi tôi, gọi giúp, gọi ngay, alo, gọi gấp, nghe máy, bắt máy, nhấc
        máy, phone me, call me, call us, call back, ring me, ring us, give me a call, please call, pick up, liên hệ
        ngay, nhắn lại, gọi số, gọi vô
    """,
    Concept.SEND: """
        gửi giúp, gửi em, gửi lại, gửi cho, gửi anh, gửi chị, gửi mình, gửi tôi, gửi qua, chụp gửi, chụp giúp, gửi hộ,
        gửi giùm, scan gửi, chuyển giúp, send me, send us, send it, please send, email me, resend, forward me, text me,
        phát hành lại, cấp lại, xuất lại, ký giúp, đóng dấu giúp
    """,
    Concept.FIX: """
        sửa, sửa giúp, xử lý, khắc phục, xem giúp, kiểm tra giúp, khôi phục, phục hồi, cứu, thay giúp, chỉnh giúp, xử lý
        giúp, coi giúp, coi giùm, xem giùm, xem hộ, restart, khởi động lại, reset, fix, repair, restore, look into it,
        sort it, roll back, rollback, bring it back, undo, gỡ
    """,
    Concept.STOP: """
        dừng lại, ngưng lại, dừng giúp, ngưng giúp, chặn giúp, khóa giúp, tắt giúp, gỡ giúp, gỡ xuống, thu hồi, hạ
        xuống, giữ lại giúp, đừng giao, đừng in, đừng gửi, đừng cho, khoan in, khoan giao, khoan, đừng chạy, dừng in,
        dừng máy, ngắt, cúp cầu dao, khóa thẻ, stop, halt, freeze, block, pause, take it down, take down, shut it, shut
        off, turn off, recall, hold off, cancel the, don't print, do not print, do not ship, don't ship, put on hold,
        cut the power, khóa van, khóa tài khoản
    """,
    Concept.OPEN: """
        mở cổng, mở cửa, mở khóa, mở lại, mở giúp, mở giùm, cho vào, cho xe vào, cho xe vô, mở quyền, cấp quyền, cấp
        lại, open the gate, open the door, open up, let us in, let me in, let them in, unlock, reopen, let him in, buzz,
        reactivate, mở tạm, cho qua
    """,
    Concept.MAKE: """
        làm giúp, làm kịp, làm xong, in giúp, in lại, may giúp, dịch giúp, giao giúp, soạn giúp, thiết kế, đặt, đặt
        giúp, chuẩn bị giúp, làm cho, in cho, may cho, in thêm, đặt thêm, giao trong, dịch trong, lắp giúp, have it
        ready, print, reprint, can you make, can you print, deliver, translate, turn around, produce, prepare, book, gia
        công, in bù, làm bù, làm lại, redo
    """,
    Concept.CHECK: """
        kiểm tra, xem lại, rà lại, đối chiếu, coi lại, tra giúp, check, check giúp, kiểm lại, double-check, review,
        verify, confirm, xác nhận giúp, xem qua, góp ý
    """,
    Concept.WHO_IS_THERE: """
        còn ai, có ai, ai trực, ai đang trực, còn người, có người trực, ai ở xưởng, còn ai ở, có ai ở, is anyone, is
        anybody, is there anyone, anyone still, somebody still, someone there, anybody there, who is on duty, on duty,
        on call, ai còn ở, bên mình còn, is someone
    """,
    Concept.ONLY_YOU: """
        chỉ có bên, chỉ bên, chỉ anh, chỉ chị, chỉ mình anh, chỉ em mới, mỗi anh, mỗi bên, bên anh giữ, bên chị giữ, bên
        mình giữ, anh giữ, chị giữ, chìa khóa, chìa, quyền admin, em không có quyền, không có quyền, không biết làm sao,
        không biết phải, only you, only your, you have the key, has the key, holds the key, the key, i don't have
        access, no access, not have access, don't know what to do, do not know what to do, spare key, không dám, bên em
        không
    """,
    Concept.HURRY: """
        gấp, cần gấp, gấp gáp, khẩn, khẩn cấp, ngay, ngay lập tức, ngay bây giờ, liền, càng sớm càng tốt, sớm nhất,
        nhanh nhất, nhanh, mau, lẹ, tranh thủ, ưu tiên, không chờ được, không đợi được, urgent, urgently, asap,
        immediately, right away, at once, right now, quickly, emergency, as soon as possible, can't wait, cannot wait,
        straight away, hurry, priority, kịp
    """,
    Concept.WORSE: """
        mỗi lúc một, càng lúc càng, ngày càng, mỗi phút, từng phút, cứ vài phút, cứ mỗi, liên tục, vẫn tiếp tục, tăng
        dần, dâng dần, lan ra, lan sang, every minute, by the minute, getting worse, keeps, keep coming, spreading,
        rising, continues, more and more, each minute, per hour, mỗi giờ, tăng lên, không ngừng, không cầm được, still
        coming
    """,
    Concept.ONGOING: """
        đang, vẫn, vẫn còn, vẫn chưa, từ sáng, từ trưa, từ nãy, nãy giờ, tới giờ, đến giờ, hiện, hiện tại, hiện giờ, bây
        giờ, lúc này, vừa, mới, still, now, right now, currently, at the moment, since this morning, just now
    """,
    Concept.ALL: """
        toàn bộ, tất cả, cả hệ thống, cả tòa nhà, cả tầng, cả công ty, cả văn phòng, cả xưởng, cả nhà, hàng trăm, hàng
        chục, hàng loạt, cả trăm, hết sạch, cả ba, cả hai, all our, all of, entire, whole, everyone, everything, every,
        hundreds, dozens, none of, both
    """,
    Concept.OVER: """
        đã xong, xong rồi, xong hết, ổn rồi, ổn định, bình thường, bình thường trở lại, chạy lại, chạy lại rồi, hết rồi,
        khắc phục xong, đã khắc phục, đã xử lý, xử lý xong, sửa xong, đã sửa, có lại, có điện lại, đã về, đã nhận đủ, đã
        hoàn tất, hoàn tất, hoàn thành, không sao, êm rồi, đã ổn, tạnh, đã tắt, dập tắt, giải quyết xong, fixed,
        resolved, solved, back to normal, working again, up again, all good, all fine, is fine, sorted, is over, back
        online, back up, has been repaired, closed, đã thay, đã mở được, chạy ổn, chạy tốt, đâu vào đấy, an toàn
    """,
    Concept.INFORM: """
        báo để, báo cho, báo anh biết, báo chị biết, để anh biết, để chị biết, để bên mình biết, cho anh biết, thông
        báo, xin thông báo, trân trọng thông báo, kính báo, báo cáo, cập nhật, nhắc lịch, lưu ý, fyi, for your
        information, just to let you know, let you know, to inform, update, notice, please note, be informed, reminder,
        newsletter, announcement, chia sẻ, kể, gửi thông tin, bản tin, heads up, for the record, để lưu, vào sổ, ghi sổ,
        để theo dõi, keep you posted
    """,
    Concept.NO_ACTION: """
        không cần làm gì, khỏi trả lời, không cần trả lời, không cần phản hồi, khỏi phản hồi, khỏi lo, không phải làm
        gì, khỏi cần, không cần, yên tâm, đừng lo, không phải lo, khỏi nhắn, khỏi gọi, không phiền, no need, no action,
        nothing to do, don't worry, do not worry, no reply, not need to, nothing needed, need not, all set, no need to
        reply, tự lo được, bên em tự, em tự
    """,
    Concept.NO_HURRY: """
        không gấp, không vội, chưa gấp, chưa vội, không cần gấp, không gấp gì, khi nào rảnh, lúc nào rảnh, bữa nào rảnh,
        khi nào tiện, lúc nào tiện, bữa nào tiện, hôm nào tiện, khi nào cũng được, lúc nào cũng được, từ từ, thong thả,
        cứ từ từ, không phải vội, đâu có gấp, chưa cần, no rush, no hurry, whenever, not urgent, when you have time,
        take your time, at your convenience, when convenient, when you can, in no hurry, nothing urgent, rảnh thì, tiện
        thì, hôm nào rảnh, sau tết, not in a hurry, when you get a chance
    """,
    Concept.SUPPOSED: """
        nếu, nếu như, giả sử, giả dụ, lỡ, lỡ mà, nhỡ, trường hợp, phòng khi, chẳng may, lỡ như, ví dụ, sau này, if, in
        case, suppose, supposing, hypothetically, would, should anything, what happens, what if, for example, phòng hờ,
        phòng ngừa, đề phòng, một ngày nào
    """,
    Concept.POLICY: """
        quy trình, chính sách, quy định, điều khoản, hợp đồng bảo trì, gói bảo trì, gói dịch vụ, bảo hiểm, có bao gồm,
        thủ tục, điều kiện, policy, procedure, terms, clause, coverage, cover, covered, insurance, maintenance contract,
        included, package, plan, sla, phương án
    """,
    Concept.DRILL: """
        diễn tập, tập huấn, khóa học, khóa đào tạo, đào tạo, lớp, thử nghiệm, kiểm tra định kỳ, test, bảo trì định kỳ,
        drill, training, course, workshop, exercise, webinar, rehearsal, thi thử, chạy thử, sách, tiểu thuyết, phim,
        truyện, vở kịch, bài viết, đồ án, luận văn, novel, film, book, article, poster, game
    """,
    Concept.ADVERT: """
        khuyến mãi, giảm giá, ưu đãi, xả kho, flash sale, sale, giảm sốc, quà tặng, tặng ngay, miễn phí, đăng ký ngay,
        mua ngay, đặt ngay, nhanh tay, cơ hội, suất cuối, số lượng có hạn, hủy nhận tin, hủy đăng ký, từ chối nhận,
        voucher, mã giảm, chỉ còn, duy nhất hôm nay, discount, off today, offer, special offer, limited, unsubscribe,
        free shipping, buy now, act now, sign up, click here, last chance, don't miss, promotion, deal, deals, giá sốc,
        chiết khấu, hợp tác cùng, giới thiệu dịch vụ, chúng tôi chuyên, chuyên cung cấp, we offer, bên em chuyên, ra
        mắt, trúng thưởng, freeship, combo
    """,
    Concept.PHISHING: """
        xác minh tài khoản, tài khoản của bạn, của quý khách sẽ, sẽ bị khóa, bị khóa vĩnh viễn, nhấp vào, bấm vào link,
        bấm vào đây, cập nhật thông tin, dear customer, your account will, will be suspended, verify your, click the
        link, click below, confirm your account, your mailbox, mailbox is, kính gửi quý khách hàng, đăng nhập ngay, xác
        thực, trúng giải, nhận thưởng, your password expires, suspended
    """,
    Concept.NEWS: """
        nghe nói, đọc báo, báo đăng, báo viết, trên báo, tin tức, thấy trên, nghe đâu, công ty bạn, chỗ bạn em, bên kia,
        hàng xóm, nhà bên, công ty khác, in the news, i read, i heard, heard that, newspaper, neighbour, neighbor,
        neighbours, next door, a friend, another company, đối diện, bên cạnh, xóm
    """,
    Concept.LATER: """
        tuần sau, tháng sau, tuần tới, tháng tới, năm sau, quý sau, cuối tháng, cuối năm, đầu tháng, sang năm, mai mốt,
        vài hôm nữa, bữa nào, hôm nào, khi nào, ra giêng, next week, next month, next year, next quarter, later this
        month, some day, one day, end of the month, in spring, sometime, mùa sau, lần sau, tết, dịp sau, kỳ sau, đợt sau
    """,
    Concept.PLAN: """
        dự kiến, kế hoạch, dự định, tính, định, sẽ, sắp, theo lịch, như lịch, lên kế hoạch, planning, plan to, planned,
        scheduled, expected, intend, going to, thinking of, we will, i will, i'll, we'll
    """,
    Concept.AGREED: """
        như đã hẹn, như đã thống nhất, đã thống nhất, đã chốt, như hẹn, đúng hẹn, đúng lịch, theo lịch, đã đồng ý, đã
        duyệt, as agreed, as planned, as discussed, as scheduled, agreed, see you, hẹn gặp, giữ nguyên, không thay đổi,
        không có gì thay đổi, on schedule, on time, nothing changes
    """,
    Concept.LUCKY: """
        may mà, may quá, may là, may sao, cũng may, hú hồn, hên, luckily, thankfully, fortunately, no one was hurt,
        nobody was hurt, không ai bị, không ai sao
    """,
    Concept.THANKS: """
        cảm ơn, cám ơn, xin cảm ơn, cảm tạ, đội ơn, biết ơn, tri ân, thanks, thank you, thx, tks, thks, ty, many thanks,
        much appreciated, appreciate, grateful, cảm kích, thank u, camon
    """,
    Concept.RECEIVED: """
        đã nhận, đã nhận được, nhận được rồi, nhận đủ, nhận rồi, em nhận được, anh nhận được, chị nhận được, ok, oke,
        okie, okay, dạ vâng, vâng ạ, đã rõ, em rõ rồi, noted, got it, received, well received, understood, duly noted,
        perfect, great, tuyệt vời, đẹp lắm, all clear, đã xem, chuẩn rồi
    """,
    Concept.PRICE: """
        báo giá, bảng giá, đơn giá, giá cả, giá, chi phí, dự toán, quotation, quote, price, prices, cost, costs, rate,
        rates, estimate, pricing, kinh phí
    """,
    Concept.HOW_MUCH: """
        bao nhiêu, bao nhiêu tiền, nhiêu tiền, nhiêu, bao tiền, giá sao, giá thế nào, giá bao nhiêu, hết bao nhiêu, how
        much, what would it cost, what is the price, xin giá, xin báo giá, báo giá giúp, gửi báo giá, hỏi giá, báo giá
        cho, cho em giá, tính giúp, nhiu, bn tiền, bao nhiu
    """,
    Concept.DISCOUNT: """
        giảm giá, bớt, giảm cho, chiết khấu, giảm phần trăm, discount, cheaper, better price, giảm thêm
    """,
    Concept.UNHAPPY: """
        thất vọng, bức xúc, không hài lòng, khó chịu, không chấp nhận, quá tệ, tệ, tệ hại, chán, mệt mỏi, làm ăn, thái
        độ, thiếu trách nhiệm, vô trách nhiệm, cẩu thả, qua loa, ẩu, lần thứ ba, lần thứ hai, lần nào cũng, mãi không,
        hoài không, hứa hoài, coi thường, phàn nàn, khiếu nại, góp ý, bực, bực mình, không ra gì, disappointed, unhappy,
        unacceptable, poor, terrible, awful, complaint, complain, rude, sloppy, third time, second time, again, fed up,
        frustrated, not happy, not satisfied, let down, careless, worst, ridiculous, mà vậy, mà thế, kiểu gì, vậy đó,
        hay thật, giỏi thật, bravo, chậm trễ, lem, trầy, móp, phai, bong, dơ, bẩn, mốc, scratched, dirty, stained,
        damaged, dented, peeling, faded, lem luốc, nguội ngắt
    """,
    Concept.REDRESS: """
        hoàn tiền, trả lại tiền, đền bù, bồi thường, đền, đổi cái khác, đổi lại, đổi trả, làm lại, giải thích, xin lỗi,
        lời giải thích, trừ tiền, bớt tiền, hoàn lại, thu hồi lại, refund, money back, compensation, compensate,
        replace, replacement, redo, explanation, explain, apology, credit note, make it right
    """,
    Concept.PROMISED: """
        hứa, cam kết, đã hứa, hẹn mà, nói là, bảo là, quảng cáo là, cam đoan, promised, you said, guaranteed, were told,
        was told, supposed to, as advertised
    """,
    Concept.INSULT: """
        đồ ngu, ngu, ngu dốt, ngu như, đồ chó, con chó, thằng chó, khốn nạn, mất dạy, vô học, óc heo, đồ khốn, lũ, bọn
        mày, tụi bây, tụi mày, chúng mày, mày, tao, con mẹ, đm, vcl, đcm, súc vật, cút, câm mồm, khùng, điên, hạng,
        thằng, con kia, mù, idiot, idiots, moron, morons, stupid, fuck, fucking, shit, bastard, useless, scum, trash,
        liar, liars, clown, clowns, dumb, incompetent, pathetic, crooks, brainless, vô dụng, rác rưởi, ăn hại, bất tài,
        lừa đảo, ăn cướp, ăn bám, đần, não phẳng, ngu si, đầu đất, asshole, damn
    """,
    Concept.THREAT: """
        đập, đánh, đánh chết, cho một trận, biết tay, coi chừng, liệu hồn, cẩn thận, giết, tìm tới nhà, xử, phá nát,
        đốt, bóc phốt, kiện, tung lên mạng, watch your back, find you, kill, burn, regret, know where you, beat, sue,
        đập nát, vỡ mặt, gãy răng, no mercy
    """,
    Concept.CHANGE: """
        đổi, đổi sang, thay đổi, thay bằng, đổi màu, đổi mẫu, đổi thiết kế, sửa lại, điều chỉnh, chuyển sang, nâng lên,
        đổi chất liệu, đổi địa chỉ, đổi thành, thay vì, chỉnh lại, change, changes, switch, swap, instead, instead of,
        amend, revise, modify, upgrade, replace with, adjust, revised
    """,
    Concept.ADD: """
        thêm, bổ sung, làm thêm, đặt thêm, tăng, tăng số lượng, cộng thêm, phát sinh, ghép thêm, nâng số lượng, add,
        extra, additional, more, increase, another, include, plus, added
    """,
    Concept.DROP: """
        bỏ, bớt, bỏ bớt, bỏ hạng mục, giảm số lượng, hủy, rút, cắt, không làm nữa, không lấy nữa, thôi không, remove,
        drop, cancel, reduce, without, leave out, take out, skip
    """,
    Concept.PUT_OFF: """
        dời, dời lịch, dời sang, dời qua, hoãn, hoãn lại, lùi, lùi lại, lùi sang, đổi lịch, đổi giờ, đổi ngày, hẹn lại,
        hẹn hôm khác, chuyển lịch, đổi buổi, hủy lịch, hủy hẹn, hủy buổi, reschedule, postpone, push back, move our,
        move the, move my, move it to, another day, another time, rebook, call off, cancel our, cancel my, put off, dời
        giúp, khất lại, hẹn bữa khác, xếp lại lịch, bring forward, thay buổi
    """,
    Concept.LATE: """
        trễ, muộn, chậm, tới trễ, đến muộn, đến trễ, kẹt xe, tắc đường, hỏng xe, xịt lốp, thủng lốp, running late, late,
        delayed, delay, stuck in traffic, held up, behind, minutes late, lố giờ, trễ giờ
    """,
    Concept.CANNOT_COME: """
        không đến được, không tới được, không qua được, không đi được, không kịp đến, bận đột xuất, bận việc, không dự
        được, không tham gia được, không ra được, vắng mặt, xin vắng, xin nghỉ, bị ốm, bị bệnh, can't make it, cannot
        make it, won't make it, can't come, cannot come, cannot attend, can't attend, unable to attend, won't be able, i
        am sick, i'm sick, not make it, will not make, kẹt công việc, không về kịp
    """,
    Concept.EXTEND: """
        xin thêm, gia hạn, xin lùi, cho em thêm, xin thêm vài ngày, thêm vài ngày, thêm mấy ngày, chưa kịp,
        chưa xong, chưa gửi được, chưa làm xong, chậm nộp, nộp trễ, gửi trễ, giao trễ, bàn giao trễ, chậm bàn giao, lùi
        ngày, bàn giao, nghiệm thu, extension, extend, more time, few more days, not ready, isn't ready, not finished,
        need until, handover, hand over, slip, slips, deliver late, behind schedule, overdue, chậm tiến độ, trễ tiến độ,
        owe you, still owe, nợ anh, nợ chị, còn thiếu
    """,
    Concept.PAY: """
        chuyển khoản, thanh toán, trả tiền, đóng tiền, đóng phí, chuyển tiền, đã chuyển, tất toán, nộp tiền, payment,
        pay, paid, paying, transferred, wire, remit, settle, settled, đã đóng, ck rồi
    """,
    Concept.OWED: """
        công nợ, nợ, quá hạn, chậm thanh toán, trễ hạn, còn nợ, hạn thanh toán, nhắc nợ, overdue, outstanding, due,
        arrears, unpaid, past due, debt, tiền nợ, nợ phí
    """,
    Concept.DISPUTE: """
        tính sai, tính nhầm, tính dư, thu thừa, thu dư, trùng, hai lần, không đồng ý, chưa đồng ý, không khớp, vô lý,
        không phải trả, sao lại tính, phụ thu, overcharged, charged twice, disputed, dispute, double, incorrect amount,
        not agree, don't agree, do not agree, shouldn't pay, never ordered, duplicate
    """,
    Concept.SHORT_OF_MONEY: """
        khất, xin khất, khất tiền, cho khất, trả góp, trả chậm, trả dần, chia làm hai, kẹt tiền, kẹt vốn, chưa có tiền,
        tiền chưa về, chưa xoay được, đuối, ế, ẩm, thư thư, cuối tháng trả, trả sau, instalments, installments, cash
        flow, cash is tight, short of cash, pay later, late payment, delay the payment, postpone the payment, pay in
        two, can't pay, cannot pay, gom đủ, lãnh lương
    """,
    Concept.HOURS: """
        mấy giờ, giờ mở cửa, mở cửa, đóng cửa, giờ làm việc, làm việc thứ bảy, có làm, chủ nhật, opening hours, open on,
        what time, business hours, close at, are you open, open until, có mở, làm việc tới
    """,
    Concept.WHERE: """
        ở đâu, chỗ nào, địa chỉ, đường nào, tầng mấy, đường đi, chỗ gửi xe, gửi xe, đậu xe, đỗ xe, bãi xe, where,
        address, parking, directions, located, which floor, map, bản đồ, chỗ đậu, đi hướng nào
    """,
    Concept.HOW_TO: """
        làm sao để, cách, hướng dẫn, thế nào, như thế nào, làm thế nào, tải ở đâu, xem ở đâu, tra cứu, link, số tài
        khoản, mã số thuế, cần mang, cần những gì, giấy tờ gì, how do i, how to, how can i, where can i, which
        documents, what do i need, bank details, tax code, account number, do you have, do you accept, có nhận, có hỗ
        trợ, bao lâu, how long, có bán, bảo hành bao lâu, size nào
    """,
    Concept.PASSWORD: """
        quên mật khẩu, đặt lại mật khẩu, lấy lại mật khẩu, đổi mật khẩu, mật khẩu wifi, forgot my password, reset my
        password, forgotten password, forget my password, new password, reset password
    """,
    Concept.ORDER: """
        đặt hàng, đơn hàng, đặt mua, đặt, order, po, purchase order, đơn, mua, buy, lấy, booking, chốt
    """,
    Concept.EXPRESS: """
        làm gấp, in gấp, giao gấp, lấy liền, lấy ngay, trong ngày, qua đêm, trong đêm, xuyên đêm, tăng ca, phí gấp, phụ
        phí gấp, phí nhanh, hỏa tốc, rush, rush fee, express, same-day, overnight, short notice, last minute,
        last-minute, bù thêm, phụ thêm, trả thêm, extra for, chen ngang, ưu tiên trước, làm đêm
    """,
    Concept.SOONER: """
        sớm hơn, dời lên, đẩy lên, kéo lên, lên sớm, lấy sớm, giao sớm, làm sớm, xong sớm, may sớm, lấy trước, giao
        trước, giao liền, sớm một tuần, sớm mấy ngày, đổi ngày lên, thay vì, chen, chen được, chen ngang, kịp không, có
        kịp, làm kịp, kịp giúp, lịch dời, dời sớm, đòi sớm, bình thường, thường mất, lẽ ra, đúng ra, được bao nhiêu,
        giao trước một phần, phần còn lại, còn lại giữ, cộng thêm, trả thêm, tiền thêm, brought forward, bring forward,
        bring it forward, moved up, move up, moved forward, pulled forward, pull forward, sooner, earlier, sooner than,
        earlier than, early, a week early, days early, ahead of, already this week, lead time, normally takes, usually
        takes, i know it, i know we, i know you, squeeze, squeeze it, squeeze in, fit us in, fit it in, in time, in time
        for, turn around, any chance, instead of, rather than, might you, could they be, could it be ready, have it
        ready, be ready, ready by, ready for, by then, put together, knock up, work late, whatever you have, as many as,
        at least some, the rest can
    """,
    Concept.CONFIRM: """
        xác nhận, em xác nhận, chốt, vẫn đến, vẫn giữ, đúng giờ, confirm, confirming, confirmed, we will be there, i
        will be there, see you, as arranged, có mặt
    """,
    Concept.PRAISE: """
        tuyệt, tuyệt vời, rất hài lòng, hài lòng, khen, nhiệt tình, chu đáo, dễ thương, ưng, ưng ý, đẹp, ngon, xuất sắc,
        excellent, wonderful, great job, well done, lovely, happy with, impressed, pleased, kind, fantastic, amazing,
        mê, khéo, giới thiệu cho bạn, ủng hộ
    """,
    Concept.JOKE: """
        haha, hihi, hehe, kkk, hí hí, lol, đùa, nói chơi, just kidding, joking, hì hì, hic
    """,
}


def _marked(phrase: str) -> str:
    """A lone syllable must be written with its marks; in a phrase the company of the others speaks for each."""
    return phrase if " " in phrase.strip() else f"={phrase.strip()}"


_BOOK = Phrasebook({concept: ",".join(map(_marked, words.split(","))) for concept, words in _WORDS.items()})


def concepts(tokens: Sequence[Token]) -> tuple[Sign[Concept], ...]:
    """The concepts in a text, in its order; of one concept at one place the longest phrase."""
    return _BOOK.signs(tokens)
