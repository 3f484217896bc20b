"""Times: every expression of time in a text, Vietnamese or English, resolved against the arrival of the mail.

`find` reads "trước 11h trưa nay", "sáng mai 7h", "within 2 hours", "by EOD Friday" and says of each where it stands,
how what is said relates to it, and from when to when it is. It judges no sentence: whether a time is a deadline for the
office, and whether its day is a day of work, is for others.

How it works: at each word of time, a length ("2 tiếng nữa") or a moment is read, as long as words of time follow: any
of a clock time, a part of the day and a day, once each and in any order, as Vietnamese has them. What was named is then
resolved by `resolving`. Without marks a word may be several ("toi", "mai", "sang"); the words beside it decide.
"""

from responder.words.times.expressions import TimeExpression, find
from responder.words.times.vocabulary import Relation

__all__ = ["Relation", "TimeExpression", "find"]
