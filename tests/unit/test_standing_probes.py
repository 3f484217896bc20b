"""Hard mails, each with its counterpart, under the policy as it is shipped: what wakes somebody, and what must not."""

from datetime import datetime

import pytest

from responder import learned
from responder.policy.meaning import Judging, Meaning, Urgency, meaning_of
from responder.policy.model import Policy
from responder.words.judge import Label
from tests.fakes import Says, local, policy

SHIPPED: Policy = policy()
JUDGE: Judging = learned.judge()
AFTERNOON: datetime = local("2026-11-17 15:00")


def read(text: str, judge: Judging | None = JUDGE) -> Meaning:
    return meaning_of("", text, SHIPPED, AFTERNOON, judge)


@pytest.mark.parametrize(
    "text",
    [
        "Our flash sale starts tonight and the website is down, customers click and get an error",
        "Flash sale bên em tối nay mà web sập rồi anh ơi, khách bấm vào là báo lỗi",
        "flash sale ben em toi nay ma web sap roi anh oi, khach bam vao la bao loi",
        "Kính gửi quý khách, à nhầm kính gửi anh chị. Bên em đang chạy khuyến mãi mà máy chủ sập, khách không "
        "đặt được hàng.",
        "Our 50% off campaign is live and the checkout is down. We click pay and nothing happens, we are "
        "losing orders.",
        "Đang đợt giảm giá, quý khách đông nghẹt mà toàn bộ máy thu ngân đứng hình, em không thanh toán được cho ai.",
        "Mình ngửi thấy mùi gas ở bếp, phải làm gì?",
        "minh ngui thay mui gas o bep, phai lam gi",
        "I smell gas in our kitchen right now, what should we do?",
        "Em đọc hướng dẫn an toàn rồi nhưng ổ cắm vẫn đang xẹt lửa, anh cho thợ qua ngay.",
        "Theo cẩm nang thì phải ngắt cầu dao, em ngắt rồi mà tủ điện vẫn bốc khói, cứu em với",
        "We followed the safety tips and left the room, but the smell of gas is everywhere and our staff are coughing.",
        "Nước chảy xuống ào ào từ trần nhà, em không biết khóa ở đâu",
        "nuoc chay xuong ao ao tu tran nha, em khong biet khoa o dau",
        "There is water all over the floor of our shop and it keeps coming",
        "Water is all over the floor, it drips on the till",
        "Trần nhà đang dột thẳng vào máy chủ, anh cho người qua ngay với",
        "Nước tràn vào phòng server rồi anh ơi",
        "nuoc tran vao phong server roi anh oi",
        "Ống nước bể, nước phun ướt hết tủ điện",
        "Water is dripping onto our server rack",
        "Cảm ơn anh đã giúp hôm thứ hai. Nhưng tủ điện lại đang bốc khói, anh qua ngay giúp em.",
        "The server is down again. Whom should we call?",
        "Thang máy dừng giữa tầng 4 với 5, trong đó còn hai cháu bé, chuông không ai nghe",
        "Hai nhân viên của em khó thở sau khi hít phải hơi sơn, một chị đã ngất",
        "Nước trên trần xuống ào ào, ướt hết hồ sơ rồi",
        "Sàn nhà lênh láng, nước tràn khắp bếp, em không biết van tổng ở đâu",
        "The pipe under the sink burst and water is everywhere",
        "Máy lạnh đang rỉ nước xuống tủ điện, có tiếng lách tách",
        "Hi, we sell vouchers on our site and since the discount went live the checkout is down, shoppers get "
        "error 500.",
        "Shop em đang livestream xả kho mà app bán hàng treo cứng, khách không đặt được đơn nào",
        "shop em dang livestream xa kho ma app ban hang treo cung, khach khong dat duoc don nao",
        "“Đăng ký ngay hôm nay để nhận ưu đãi” – nút này bấm vào là web sập luôn anh ạ",
        "Customers who click the “Buy now” button of our flash sale get someone else's basket: anyone can see "
        "names and addresses.",
        "Chị vừa đọc xong dấu hiệu rò gas bên em gửi thì thấy bếp nhà chị y như vậy, mùi gas nồng lắm, chị "
        "phải làm sao?",
        "According to your safety guide we should leave the building when it smells of gas. We are outside "
        "now, the kitchen smells of gas, please send someone.",
        "What to do when you smell gas? I ask because I smell it in my flat right now and my kids are asleep.",
        "Cách xử lý khi rò gas là gì vậy anh? Bếp em đang xì gas, em sợ quá",
        "Bồn nước trên mái vỡ, nước xối xuống cầu thang như suối",
        "bon nuoc tren mai vo, nuoc xoi xuong cau thang nhu suoi",
        "Nước từ tầng trên đang nhỏ xuống dàn máy tính, em rút điện rồi mà nước vẫn xuống",
        "The upstairs toilet is overflowing, water is coming through our ceiling onto the desks",
        "Ceiling is leaking onto our stock, boxes are soaked already",
        "Ống cứu hỏa bung, nước tràn vào thang máy và phòng điện",
        "Chung cư mình đang bốc cháy tầng 7, hành lang đầy khói, em với con kẹt trên này",
        "A customer has fainted in the shop, she does not react, what is covered can wait, whom do I call?",
        "Kho bị ngập tới đầu gối rồi anh, hàng điện tử để dưới sàn",
        "Đoàn đang quay phim thì đèn nổ, phông nền bốc cháy rồi, gọi cứu hỏa giúp em",
        "During the webinar we found that anyone can open our customer list without a password, please close it now.",
        "web khong hieu sao sap roi anh oi",
        "Nước tràn vào hầm, bơm rồi mà vẫn còn nước lên",
    ],
)
def test_harm_told_by_whoever_it_befalls_is_an_emergency(text: str) -> None:
    assert read(text).urgency is Urgency.EMERGENCY


@pytest.mark.parametrize(
    "text",
    [
        "Tụi em chạy chương trình ưu đãi cuối tuần, nhờ anh in giúp em 200 voucher trước 5h chiều nay.",
        "We run a discount weekend. Please send us the new banner by 5 pm today, the old one says click here "
        "and leads nowhere.",
        "Khách của em đang đứng trước cửa mà bảo vệ không cho vào, anh gọi xuống giúp em",
        "Could somebody open the gate please, our driver has been standing outside since noon.",
        "Bên em mở bán ưu đãi lúc 18h hôm nay, anh sửa giúp em cái giá sai trên banner trước 17h nhé.",
        "Our spring sale opens tonight. Could you put the banner online before 5 pm today?",
        "Please send us the signed copy by 10:00 UTC today.",
        "Anh gửi giúp em bản dịch trước 9 giờ sáng mai giờ Tokyo nhé, bên Nhật cần ký.",
    ],
)
def test_what_this_office_is_to_do_soon_is_urgent(text: str) -> None:
    assert read(text).urgency is Urgency.URGENT


@pytest.mark.parametrize(
    "text",
    [
        "FLASH SALE tối nay! Giảm 50% toàn bộ máy chủ. Đừng để website sập vì quá tải, đăng ký ngay trước 22h hôm nay!",
        "Last chance! 50% off all hosting plans. Is your website down? Click here and order before midnight today.",
        "Kính mời quý khách tham gia chương trình ưu đãi mùa hè. Gọi ngay hotline trước 17h hôm nay để nhận voucher.",
        "We are pleased to offer you a special discount on fire alarms. When a fire breaks out, smoke fills "
        "the room. Click to order today.",
        "Chúng tôi chuyên cung cấp máy bơm giá rẻ. Nhà bị ngập? Nước đang tràn vào hầm? Liên hệ ngay!",
        "Em bên công ty Sao Mai chuyên cung cấp bình chữa cháy, đang giảm giá 30%. Kho của quý khách bốc cháy "
        "thì ai chịu? Đặt mua ngay trong hôm nay ạ.",
        "What to do when you smell gas: open the windows, leave the room, call from outside. Your safety "
        "newsletter, November issue.",
        "5 dấu hiệu chập điện bạn không nên bỏ qua: mùi khét, xẹt lửa ở ổ cắm, cầu dao nhảy liên tục.",
        "5 dau hieu chap dien ban khong nen bo qua: mui khet, xet lua o o cam, cau dao nhay lien tuc.",
        "Bản tin an toàn PCCC tháng 11: khi thấy khói, hãy bình tĩnh, cúi thấp người và thoát ra theo lối gần "
        "nhất. Không dùng thang máy.",
        "Cẩm nang xử lý khi có người bị điện giật: ngắt cầu dao, không chạm tay trần vào nạn nhân, gọi 115.",
        "How to recognise a gas leak: a smell of gas near the stove, a hissing sound, dizziness. Share these "
        "tips with your family.",
        "Hướng dẫn thoát nạn: Nếu bị kẹt trong thang máy, bấm chuông và chờ. Nếu khói đầy phòng thì bò sát sàn.",
        "Safety tips for the rainy season: if water is rising in your basement, switch off the power first. "
        "If you smell burning, leave.",
        "Please send the report by 11pm EST on 30 November.",
        "Cuộc họp lúc 9 giờ sáng giờ Tokyo ngày mai, em đã đăng ký rồi.",
        "Tuần trước trần có dột một lần vào máy in, thợ đã chống thấm xong, giờ khô rồi.",
        "Bên mình có chống thấm trần nhà không, mùa mưa năm ngoái nhà em hay bị dột.",
        "Can you quote for waterproofing? Last year water came in through the roof.",
        "Nước chảy ra từ máy lọc hơi yếu, khi nào tiện anh qua thay lõi giúp em.",
        "Em đặt 20 bình nước, giao vào phòng họp tầng 3 nhé.",
        "Vòi bếp nhỏ giọt chút xíu thôi, không gấp, tuần sau anh ghé cũng được.",
        "Cảm ơn anh, sự cố cháy tủ điện hôm thứ hai đã được khắc phục, công ty em chỉ gửi biên bản để lưu.",
        "If the server is down again some day, whom should we call?",
        "Bên em làm phim ngắn về một vụ hỏa hoạn, có cảnh kho bốc cháy, xin báo giá đạo cụ.",
        "Phim tối nay có cảnh thang máy rơi, em gửi kịch bản, anh xem khi nào rảnh.",
        "Nhân viên bên em từng bị khó thở vì mùi sơn, nên lần này em muốn chọn sơn không mùi, xin báo giá.",
        "Khách của em khen mẫu mới lắm, chiều nay em chuyển khoản nốt nhé.",
        "Our driver will come on Thursday as agreed, gate 3, nothing to do on your side.",
        "Hôm nay em học được là khi rò gas không được bật đèn, chia sẻ cho cả nhà cùng biết.",
        "Bình gas mới giao hôm qua dùng tốt, em muốn đặt thêm một bình cho tuần sau.",
        "Em muốn hỏi máy bơm nước cho nhà kho, công suất bao nhiêu thì đủ?",
        "Nước uống nhà mình giao vào kho số 2 giúp em, tuần sau cũng được.",
        "Phim tài liệu bên em có đoạn nước lũ tràn vào nhà dân, xin báo giá dựng hậu kỳ.",
        "Chống thấm xong, mưa to mà nước không còn tràn vào kho nữa, cảm ơn đội thợ.",
        "We offer waterproof flooring at a discount. Water is everywhere after the rain? Click here to order.",
        "Last month water was all over the floor, your plumber fixed it, and it is dry since. Please send the invoice.",
        "Ưu đãi cuối năm: gói chống cháy nổ chỉ từ 2 triệu. Đừng để cháy kho rồi mới lo! Liên hệ ngay 0900 000 111.",
        "uu dai cuoi nam: goi chong chay no chi tu 2 trieu. dung de chay kho roi moi lo! lien he ngay 0900 000 111",
        "Special offer for offices: our team unblocks any burst pipe within 60 minutes. Book now and get 20% discount.",
        "Chương trình khuyến mãi máy phát điện! Mất điện toàn bộ khu phố? Không lo, đặt mua ngay hôm nay giảm 15%.",
        "Thư ngỏ: công ty chúng tôi xin giới thiệu giải pháp sao lưu. Máy chủ sập, dữ liệu mất sạch, quý "
        "khách sẽ làm gì? Kính mời quý khách dùng thử miễn phí.",
        "Our spring sale opens tonight, everything is online already, thank you for the banner!",
        "Tin nội bộ tòa nhà: Cách xử lý khi ngửi thấy mùi gas. Bước 1: khóa van. Bước 2: mở cửa. Bước 3: gọi 114.",
        "Mẹo hay mùa nồm: ổ cắm ẩm dễ chập điện, xẹt lửa; lau khô trước khi dùng.",
        "Do you know the signs of carbon monoxide poisoning? Headache, dizziness, trouble breathing. Get a detector.",
        "Em chia sẻ với anh chị cẩm nang sơ cứu: người bị điện giật, người khó thở, trẻ bị hóc thì làm thế "
        "nào. Anh chị in ra dán ở quầy nhé.",
        "Nhắc lại quy định: khi có khói trong phòng máy, nhân viên trực phải bấm chuông và gọi bảo vệ.",
        "Training handout attached: what to do if someone has fainted at work. Please print it for the notice "
        "board this month.",
        "Mái hiên hơi dột khi mưa to, tháng sau anh qua xem giúp em.",
        "The tap in the kitchen drips a little, whenever you have time next week is fine.",
        "Nước chảy ra hồ cá bị yếu, em xin báo giá thay máy bơm.",
        "Hôm trước nước tràn vào hầm xe, ban quản lý đã bơm xong, nay em xin bản sao biên bản để nộp bảo hiểm.",
        "Sơn chống thấm loại nào thì nước mưa không tràn vào nhà kho vậy shop?",
        "Server hôm nay không sập nữa, cảm ơn anh em trực đêm.",
        "No fire, nobody is hurt, it was only the toaster. The alarm is off.",
        "Đọc báo thấy chung cư bên quận 7 bốc cháy, may mà bên mình lắp báo khói rồi. Gửi anh hóa đơn tháng này nhé.",
        "If a customer faints in the shop, is that covered by our policy?",
        "Kho cũ từng bị ngập nên đợt này em muốn thuê kho cao hơn, anh báo giá giúp em.",
        "Quán em chuẩn bị quay phim ngắn có cảnh cháy giả, xin phép tòa nhà cho dùng máy tạo khói tối thứ bảy.",
        "The webinar on data leaks was great, could we have the slides?",
        "Our board meets at 9am EST on 30 November, nothing needed from you.",
        "Please send us the signed copy by 10:00 UTC on 30 November.",
        "Chuyến bay hạ cánh 9h sáng mai giờ Tokyo, em báo để anh biết.",
        "Bản tin tòa nhà: tối qua nước tràn vào hầm B2, đã bơm khô, cư dân yên tâm.",
        "Water was all over the floor this morning, it is dry again, thank you.",
        "Web hôm nay không sập, đơn vào đều.",
        "web hom nay khong he sap, don vao deu.",
        "The ceiling has not collapsed, it only looks old.",
    ],
)
def test_what_is_sold_taught_past_denied_or_far_wakes_nobody(text: str) -> None:
    assert read(text).urgency is Urgency.NORMAL


@pytest.mark.parametrize(
    "text",
    [
        "Thanks, but the printer still does not print.",
        "Thanks, the printer is not printing.",
        "Thank you. The door does not close.",
        "Cảm ơn em, máy in vẫn kẹt giấy.",
        "Cảm ơn em, máy in in ra toàn sọc đen.",
        "cam on em, may in in ra toan soc den",
        "Cảm ơn shop, hàng bị trầy.",
        "Thanks. Screen is black.",
        "Thanks, same problem here.",
        "Cảm ơn, nước đang chảy.",
        "cam on, may lanh bi ri nuoc",
        "Cảm ơn anh, còn cái hóa đơn đâu ạ",
        "Thanks, and the invoice?",
        "Thanks, one box arrived broken.",
        "Thanks! The link leads nowhere.",
        "Thank you, the password fails.",
        "Cảm ơn, web đứng rồi.",
        "Dạ em cảm ơn, chiều em qua lấy.",
        "Thanks, I will pick it up on Friday.",
        "Cám ơn chị, chị đổi màu xanh nhé.",
        "Thanks, make it blue.",
        "Cảm ơn anh, nó hết mực rồi",
        "Cảm ơn, mất điện rồi ạ",
        "Cảm ơn chị, em thấy thiếu một thùng.",
        "cam on chi, den phong hop tat ngum",
        "Thanks. Still waiting.",
        "Thanks, lights off again",
        "Cảm ơn em, chị chờ nhé",
        "Thanks for nothing, the sink leaks.",
        "Cảm ơn anh, mai em ghé",
        "Máy vẫn nóng, cảm ơn em",
        "The heating does not work, thanks",
        "Quạt không chạy, cảm ơn em",
        "Thanks for the visit. Wall is wet.",
        "Cảm ơn anh đã qua. Tường ướt hết.",
        "Thank you for the parcel, it arrived soaked",
        "Cảm ơn shop đã giao, bánh bị bẹp",
        "Cảm ơn em đã sửa, giờ nó kêu to hơn",
    ],
)
def test_thanks_with_trouble_beside_them_are_answered(text: str) -> None:
    assert not read(text).thanks_only
    assert not read(text, None).thanks_only


@pytest.mark.parametrize(
    "text",
    [
        "Cảm ơn anh chị nhiều ạ!",
        "cam on anh nhieu nha",
        "Thanks a lot, the printer works perfectly now.",
        "Thank you so much for the quick repair!",
        "Dạ em nhận được rồi, em cảm ơn chị.",
        "Cảm ơn shop, hàng đẹp lắm, cả nhà đều thích.",
        "Well received, thanks and best regards.",
        "Cảm ơn anh, máy in chạy ngon rồi ạ.",
        "Thank you for coming so quickly!",
        "Cảm ơn anh đã qua sửa, chúc anh cuối tuần vui.",
        "Em nhận đủ hàng rồi ạ, cảm ơn shop nhiều!",
        "Noted, thanks.",
        "Nhận được rồi, cảm ơn em nhé",
        "Đẹp quá, cảm ơn cả đội!",
    ],
)
def test_mere_thanks_are_met_with_silence(text: str) -> None:
    assert read(text).thanks_only


@pytest.mark.parametrize(
    "text",
    [
        "Last chance! 50% off all hosting plans. Click here and order before midnight today.",
        "What to do when you smell gas: open the windows, leave the room. Your safety newsletter.",
    ],
)
def test_a_guess_cannot_make_a_mail_to_many_press(text: str) -> None:
    assert read(text, Says((Label.EMERGENCY, Label.URGENT))).urgency is Urgency.NORMAL


def test_a_guess_may_press_where_the_sender_speaks_for_themself() -> None:
    text = "What to do when you smell gas? I smell something in my flat."
    assert read(text, Says((Label.EMERGENCY,))).urgency is Urgency.EMERGENCY
