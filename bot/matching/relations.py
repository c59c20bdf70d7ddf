"""Who did what to whom, and what is asked about it, as features.

Most topics differ in direction alone ("they unfollowed me", "I unfollowed them"; "she declined my request", "how do I
decline hers"), which neither n-grams nor sentence vectors tell apart well. This reads it off the words around
each verb: a subject before it, an object behind it, a negation, a "back".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from bot.matching.text import WORD

_VERBS = {
    "follow": "follow follows followed following followin follo folow folowed star starred subscribe subscribes "
    "subscribed subscribing sub subbed subs subbing",
    "add": "add adds added adding friend friended friending befriend befriended connect connected connecting connects "
    "request requested requesting requests",
    "accept": "accept accepts accepted accepting confirm confirmed approve approved approving approves allow",
    "decline": "decline declines declined declining reject rejected rejecting rejects refuse refused refusing deny "
    "denied turn turned turning pass passing ignore ignored ignoring ignores",
    "end": "unfollow unfollows unfollowed unfollowing unfriend unfriended unfriending unfriends unsub unsubbed "
    "unsubscribe unsubscribed unsubscribing remove removed removing removes delete deleted deleting deletes drop "
    "dropped dropping cull culled culling trim trimming cut cutting dump dumped dumping ditch ditched ditching boot "
    "booted unadd unadded disconnect defriend defriended purge prune pruning remov unfollowd unfolow unfolowed",
    "leave": "leave leaves left leaving quit quitting exit bail bailed bailing escape bow sneak",
    "mute": "mute muted muting hide hid hiding restrict restricted snooze snoozed",
    "block": "block blocked blocking blocks report reported reporting",
    "invite": "invite invited inviting invites ask asked asking asks pitch pitched pitching beg begging",
    "join": "join joined joining joins attend attending come coming go going",
    "engage": "like liked likes liking comment commented commenting comments share shared shares sharing repost "
    "reposted retweet retweeted kudos react reacted heart hearted lurk lurking read reading watch watched watching "
    "watches view viewed views",
    "speak": "tag tagged tags tagging mention mentioned mentions mentioning review reviewed reviews reviewing complain "
    "complained complaining complains reply replied replies replying respond responded responding answer answered "
    "answering answers post posted posting write wrote writing message messaged messages messaging",
    "give": "buy bought buying buys tip tipped gift gifted promote promoted support supported supports supporting "
    "raid raided donate donated help helped vote voted sent send sending sends gave give giving gives return "
    "returned returning reciprocate reciprocated",
    "press": "owe owes owed expect expects expected expecting demand demands demanded nag nagging guilt guilting "
    "guilted bug bugging pressure pressured pressuring hint hinting sulk sulking accuse accused confront confronted "
    "mad angry upset offended hurt butthurt salty",
}
_CLASS = {word: name for name, words in _VERBS.items() for word in words.split()}
_TO_ME = frozenset(["me", "us", "my", "mine", "myself", "our", "ours"])
_TO_THEM = frozenset(
    [
        "him",
        "her",
        "them",
        "it",
        "his",
        "their",
        "theirs",
        "someone",
        "somebody",
        "anyone",
        "anybody",
        "people",
        "everyone",
        "everybody",
        "all",
        "each",
        "every",
        "those",
        "this",
        "that",
        "these",
        "a",
        "an",
        "the",
        "you",
        "your",
        "some",
        "strangers",
        "folks",
        "who",
        "both",
        "most",
        "other",
        "others",
        "another",
    ]
)
_I = frozenset(
    [
        "i",
        "i'm",
        "im",
        "i've",
        "ive",
        "i'd",
        "i'll",
        "we",
        "we're",
        "we've",
        "me",
        "us",
        "ill",
        "id",
        "our",
        "my",
        "imma",
    ]
)
_THEY = frozenset(
    [
        "he",
        "she",
        "they",
        "he's",
        "she's",
        "they're",
        "hes",
        "shes",
        "theyre",
        "someone",
        "somebody",
        "people",
        "everyone",
        "everybody",
        "nobody",
        "person",
        "guy",
        "girl",
        "dude",
        "lady",
        "man",
        "woman",
        "who",
        "you",
        "that",
        "one",
        "friend",
        "friends",
        "boss",
        "ex",
        "coworker",
        "manager",
        "client",
        "cousin",
        "aunt",
        "mom",
        "mum",
        "dad",
        "sister",
        "brother",
        "neighbor",
        "teacher",
        "professor",
        "student",
        "recruiter",
        "customer",
        "stranger",
        "strangers",
        "follower",
        "followers",
        "fan",
        "streamer",
        "author",
        "brand",
        "company",
        "account",
        "crush",
        "anyone",
        "folks",
        "kid",
        "buddy",
        "bestie",
        "colleague",
        "mother",
        "father",
        "uncle",
        "user",
        "acquaintance",
        "classmate",
        "roommate",
        "wife",
        "husband",
        "partner",
        "boyfriend",
        "girlfriend",
        "mutual",
        "mutuals",
        "it",
        "others",
    ]
)
_NOT = frozenset(
    [
        "not",
        "no",
        "never",
        "don't",
        "dont",
        "didn't",
        "didnt",
        "won't",
        "wont",
        "doesn't",
        "doesnt",
        "can't",
        "cant",
        "isn't",
        "isnt",
        "haven't",
        "havent",
        "hasn't",
        "hasnt",
        "wouldn't",
        "wouldnt",
        "shouldn't",
        "shouldnt",
        "couldn't",
        "couldnt",
        "without",
        "nobody",
        "none",
        "ain't",
        "aint",
        "stop",
        "stopped",
        "hardly",
        "neither",
    ]
)
_PASSIVE = frozenset(["got", "get", "gets", "getting", "been", "was", "were", "be", "being", "am", "is", "are"])
_NOUNS = frozenset(
    [
        "request",
        "requests",
        "invite",
        "invites",
        "invitation",
        "invitations",
        "comment",
        "comments",
        "follow",
        "follows",
        "post",
        "posts",
        "page",
        "group",
        "groups",
        "server",
        "channel",
        "event",
        "message",
        "messages",
        "story",
        "stories",
        "review",
        "friendship",
        "list",
        "feed",
    ]
)
_MINE = frozenset(["my", "our", "mine"])
_THEIRS = frozenset(["his", "her", "their", "your", "someone's"])

_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (name, re.compile(expression))
    for name, expression in {
        "how": r"\bhow (?:do|to|can|would|should|does|could|might) (?:i|u|you|we|one|say|turn|get|decline|tell|leave)?",
        "how_say": r"\b(?:what (?:do|should|can|could|would) (?:i|we|you) (?:say|tell|write|reply|answer|respond)|"
        r"how (?:do|to|can|should|would) (?:i |we |you )?(?:\w+ )?(?:say|word|phrase|tell|put|explain)|what to say|"
        r"words? (?:for|to)|script|a way to say|need (?:something|a line|words|wording))",
        "nicely": r"\b(?:polite|politely|nicely|gracefully|kindly|tactful|tactfully|nice way|without "
        r"(?:being|hurting|sounding|offending|a fight|drama|burning))\b",
        "must": r"\b(?:have to|has to|need to|needs to|got to|must|obligat\w+|oblige\w*|supposed to|owe|expected to|required|"
        r"mandatory|compulsory|duty|in return|forced to|stuck with)\b",
        "rude": r"\b(?:rude|mean|bad|wrong|jerk|asshole|bitch\w*|snob\w*|selfish|impolite|cold|petty|awful|terrible|horrible|"
        r"villain|ungrateful|disloyal|bad form|poor form|bad manners|offen[ds]\w*|insult\w*)\b",
        "ok": r"\b(?:ok|okay|fine|alright|acceptable|allowed|cool|normal|weird|creepy|strange|odd|fair|legit|appropriate|"
        r"bad idea|good idea|good manners)\b",
        "should": r"\bshould (?:i|we|one|you|small|a)\b|\bdo (?:i|we) (?=follow|accept|add|answer|reply|click|confirm|just)",
        "can": r"\b(?:can|could|may|cant|can't) (?:i|we|you|one|just)\b",
        "why": r"\b(?:why|how come|what's up with|whats up with|what gives|what did i do|what's that about|what does it mean|"
        r"what does that mean|the point)\b",
        "guilty": r"\b(?:guilt\w*|feel(?:s|ing)? (?:bad|awful|terrible|weird|awkward|obligated|pressured?|like)|pressure\w*|"
        r"indebted|obligation|in debt|ashamed)\b",
        "hurt": r"\b(?:hurt\w*|sad|reject\w*|stings?|upset|crush\w*|disappoint\w*|insult\w*|snub\w*|ghost\w*|invisible|"
        r"embarrass\w*|hate[sd]? me|mad at me|dislike\w*|heartbr\w*|gutted|crying|cried|rejection|self esteem|"
        r"sting)\b",
        "revenge": r"\b(?:too|back|as well|in kind|the same|same to|revenge|petty|tit for tat|in return|retaliat\w*|return "
        r"the favor|even)\b",
        "trade": r"\b(?:(\w+) (?:for|4) \1|trade|trading|swap\w*|exchange\w*|pods?|trains?|mutual follow\w*|follow each other|"
        r"grow\w*|mass follow\w*|buy(?:ing)? followers|giveaway)\b",
        "why_they": r"\bwhy (?:would|wont|won't|does|doesn't|doesnt|did|didn't|didnt|is|are|do|don't|dont) "
        r"(?:he|she|they|my|people|nobody|someone|everyone|you|no one)\b",
        "too_many": r"\b(?:too many|too much|so many|hundreds?|thousands?|overwhelm\w*|keep up|drown\w*|flood\w*|swamp\w*|"
        r"\d{2,} (?:\w+ )?(?:requests?|dms?|messages?|people|friends?|follow\w*|invites?|groups?|servers?)|"
        r"pile|piling|every single|burn\w* out|exhaust\w*|endless|firehose)\b",
        "friend_what": r"\b(?:real friends?|actual friends?|true friends?|online friends?|internet friends?|friendship|"
        r"count as|considered?|in real life|never met|popular\w*|two accounts?|separate|personal and|profiles?)\b",
        "business": r"\b(?:brand|business|company|customer\w*|client\w*|shop|store|product|service|restaurant|reviews?|"
        r"complain\w*|feedback|we|our)\b",
        "machinery": r"\b(?:notif\w+|button|settings?|list of|see who|who unfollowed|limit|bug|error|api|script|bot|export|"
        r"link|expired?|feature|app shows|does it (?:show|tell|notify)|will (?:they|he|she) (?:know|see|get)|"
        r"where (?:is|do|can)|disable|enable|turn off|version|update|crash\w*|code|metric\w*|count\w*|analytics)\b",
        "accept_yes_no": r"\b(?:yes or no|accept or|yes/no|yay or nay|or nah|or not|thoughts|opinions|now what|what now|what "
        r"would you do|what do i do|what should i do|advice|the move)\b",
        "relation": r"\b(?:boss|manager|coworker|colleague|client|teacher|professor|student|recruiter|ex|mom|mother|aunt|"
        r"cousin|in law|stranger|neighbor|therapist|doctor|patient|employee)\b",
        "asks_words": r"\?",
    }.items()
)


def relations(expanded: str) -> list[str]:
    """Feature names found in a cleaned text with slang expanded (see `text`). The order is that of appearance."""
    tokens = WORD.findall(expanded)
    found = [f"form:{name}" for name, pattern in _FORMS if pattern.search(expanded)]
    found.extend(_actions(tokens))
    found.extend(_possessions(tokens))
    return found


def _actions(tokens: Sequence[str]) -> Iterator[str]:
    for at, token in enumerate(tokens):
        action = _CLASS.get(token)
        if action is None:
            continue
        behind = tokens[at + 1 : at + 4]
        before = tokens[max(0, at - 5) : at]
        subject = _subject(before)
        target = _object(behind)
        if target == "" and subject != "i" and before and before[-1] in _PASSIVE and token.endswith(("ed", "d")):
            target = "me"
        negated = any(word in _NOT for word in before[-4:])
        back = "back" in behind
        yield f"act:{action}:{subject}:{target}"
        yield f"act:{action}:{subject}"
        if target:
            yield f"act:{action}::{target}"
        if negated:
            yield f"not:{action}:{subject}:{target}"
        if back:
            yield f"back:{action}:{subject}:{target}{':not' if negated else ''}"


def _subject(before: Sequence[str]) -> str:
    for word in reversed(before):
        if word in _I:
            return "i"
        if word in _THEY:
            return "they"
        if word in {"?", "!"}:
            break
    return ""


def _object(behind: Sequence[str]) -> str:
    for word in behind:
        if word in _TO_ME:
            return "me"
        if word in _TO_THEM:
            return "them"
        if word in {"?", "!", "i", "and", "but"}:
            break
    return ""


def _possessions(tokens: Sequence[str]) -> Iterator[str]:
    for at, token in enumerate(tokens):
        if token not in _NOUNS:
            continue
        for word in reversed(tokens[max(0, at - 3) : at]):
            if word in _MINE:
                yield f"own:{token}:mine"
                break
            if word in _THEIRS:
                yield f"own:{token}:theirs"
                break
        if "from" in tokens[at + 1 : at + 3]:
            yield f"own:{token}:from"
