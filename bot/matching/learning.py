"""Learns a base whole: its machines, what their scores mean, and a card of the figures. Takes minutes; deterministic.

What scores mean is fitted on texts that the machines did not learn from: the signals' weights, `ours` and `danger` out
of fold, on the base's own texts; confidence and how servers' own entries compete on labelled questions of other hands.
The questions that `evaluate` reports on are never looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import SVC

from bot.guidance.models import Entry, Library
from bot.matching.base import Base, Scores
from bot.matching.encoder.encoder import Encoder, Vectors
from bot.matching.encoder.vectors import PackedVectors, Progress, VectorStore
from bot.matching.features import prepare
from bot.matching.follow_up_margins import SaidNext, follow_up_margins
from bot.matching.follow_ups import follow_ups_of
from bot.matching.model.fitting import DANGER_WORDS, KERNEL_C, KERNEL_GAMMA, fit, fit_words, tells_of_danger
from bot.matching.model.model import Calibration, Line, Meaning, Model, OwnWeights, Signals, Thresholds, logistic
from bot.matching.model.training import HARMLESS, TrainingSet, fingerprint, training_set
from bot.matching.own import Own
from bot.matching.reading import Reader
from bot.matching.text import Slang

FOLDS = 5
SEED = 7
RIDGE = 1e-3
"""How much large weights of signals cost."""
NEAR_MISSES_ANSWERED = 0.025
"""The share of near-misses that `ask` may answer: the threshold of `ours` follows from it."""
NEAR_MISSES_OFFERED = 0.12
NEAR_MISSES_OVERHEARD = 0.02
CHATTER_OVERHEARD = 0.0005
"""Of the base's own chatter, which is nearer to the subject than what people write all day."""
HARMLESS_ALARMED = 0.05
HARMLESS_WORRIED = 0.15
ORDINARY_ALARMED = 0.02
"""The shares of messages that only sound like danger, to which a safety answer, or a word about it, may be given."""
LEAST_LABELLED = 50
"""From so many messages of another hand on, a threshold follows from them, and not from the base's own."""
LEAST_CONFIDENCE = 0.45
"""Below it, choices are the better answer: of answers there a reader found more than half to miss the person, of
choices nearly all to hold what they need."""
CONFIDENCES_OVERHEARD = (0.3, 0.35, 0.4, 0.45, 0.5, 0.55, 0.6)
"""Among which the one is chosen under which most is answered rightly unasked."""
LEAST_SCORE = -20.0
"""The decision value of what can't be: a probability of nothing."""
OWN_TAKES = 0.04
"""The share of other questions that own entries may take."""


@dataclass(frozen=True)
class Asked:
    """A labelled question: the entries that are right for it, by id. None: it is not for us."""

    text: str
    entries: frozenset[str]


@dataclass(frozen=True)
class AskedOnServer:
    """A server's own entries, questions for them (by entry id), and questions and messages that are not for them."""

    entries: tuple[Entry, ...]
    paraphrases: tuple[tuple[str, str], ...]
    others: tuple[str, ...]


def learn(
    library: Library,
    encoder: Encoder,
    store: VectorStore,
    asked: Sequence[Asked],
    harmless: Sequence[str],
    servers: Sequence[AskedOnServer],
    said: Sequence[SaidNext] = (),
    said_store: VectorStore | None = None,
    progress: Progress = iter,
) -> tuple[Model, str]:
    """A model of `library` with a meaning of its own, and its fingerprint.

    `asked`, `harmless` (messages that only sound like danger), `servers` and `said` are labelled by other hands than
    the base's. `progress` wraps the texts that must still be encoded, `said_store` keeps the vectors of follow-ups.
    """
    data = training_set(library, Slang(library.lexicon.slang))
    packed = store.vectors(data.texts, progress)
    vectors = packed[:]
    out_of_fold = _OutOfFold(library, encoder, data, vectors)
    signals, likelihood, right = out_of_fold.signals()
    meaning = replace(_NEUTRAL, signals=signals)
    calibration, ours, dangers = _borders(library, data, vectors)
    ask, overhear = _thresholds(library, data, ours, dangers)
    meaning = replace(meaning, calibration=calibration, ask=ask, overhear=overhear)
    model = fit(library, data, vectors, meaning)
    base = Base(library, Reader(Slang(library.lexicon.slang), encoder, model.vocabulary), data, packed, model)
    heard = [_heard(base, item) for item in asked]
    confidence, answered, share = _confidence(heard)
    calibration = replace(calibration, confidence=confidence)
    meaning = replace(meaning, calibration=calibration)
    base = replace(base, model=replace(model, meaning=meaning))
    ask, overhear = _alarms(base, asked, harmless, ask, overhear)
    ask = _border(base, heard, ask)
    overhear = _unasked(base, heard, ours, overhear)
    meaning = replace(meaning, ask=ask, overhear=overhear)
    own, won, taken = _own_weights(base, servers)
    base = replace(base, model=replace(model, meaning=meaning))
    follow_ups = follow_ups_of(library, base, said_store or VectorStore(encoder), progress)
    meaning = replace(meaning, own=own, follow_ups=follow_up_margins(base, follow_ups, said))
    card = {
        "entries": str(len(library.entries)),
        "texts": f"{len(data.texts):,}, of which {data.ours:,} are ours",
        "encoder": encoder.name,
        "right entry, out of fold": f"{right:.3f}, log-likelihood {likelihood:.3f}",
        "calibrated on": f"{len(asked)} questions, {answered} answered, right entry {share:.3f}",
        "own entries' paraphrases that win": f"{won:.3f}",
        "other questions that own entries take": f"{taken:.3f}",
        **{f"weight of {name}": f"{weight:.3f}" for name, weight in asdict(signals).items()},
    }
    return replace(model, meaning=meaning, card=card), fingerprint(library, data, encoder.name)


_NEUTRAL = Meaning(
    Signals(topic=0.3, center=10.0, nearest=3.0, discriminant=0.05, words=0.1, relations=0.1, others=-1.0),
    Calibration(Line(1.0, 0.0), Line(1.0, 0.0), (1.0, 0.0, 0.0)),
    Thresholds(ours=0.9, confidence=LEAST_CONFIDENCE, offered=0.7, alarm=0.5, worry=0.2),
    Thresholds(ours=0.97, confidence=LEAST_CONFIDENCE, offered=1.1, alarm=0.8, worry=1.1),
    OwnWeights(lead=8.0, cosine=5.0, telling=4.0, offset=-2.5, answer=0.5, close=0.3, unasked=0.8),
)
"""Where a base is too small to learn from, and before anything is learned."""


class _OutOfFold:
    """The base's own texts, each asked of machines that did not see it."""

    def __init__(self, library: Library, encoder: Encoder, data: TrainingSet, vectors: Vectors) -> None:
        self._library = library
        self._encoder = encoder
        self._data = data
        self._vectors = vectors

    def signals(self) -> tuple[Signals, float, float]:
        """The signals' weights, the mean log-likelihood of the right entry, and the share that is right."""
        owners = self._data.entry[: self._data.ours]
        count = len(self._library.entries)
        if self._data.ours < 10 * FOLDS or np.bincount(owners, minlength=count).min() < 2:
            return _NEUTRAL.signals, 0.0, 0.0
        names = list(asdict(_NEUTRAL.signals))
        found = np.zeros((self._data.ours, count, len(names)), dtype=np.float32)
        folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
        slang = Slang(self._library.lexicon.slang)
        for kept, held in folds.split(owners, owners):
            part = self._data.part(kept)
            model = fit(self._library, part, self._vectors[kept], _NEUTRAL, borders=False)
            reader = Reader(slang, self._encoder, model.vocabulary)
            base = Base(self._library, reader, part, PackedVectors.of(self._vectors[kept]), model)
            for row in held:
                signals = base.signals(reader.known(self._data.texts[row], self._vectors[row]))
                for at, name in enumerate(names):
                    found[row, :, at] = signals[name]
        weights, likelihood = conditional_logit(found, owners)
        right = float(((found @ weights).argmax(axis=1) == owners).mean())
        return Signals(**dict(zip(names, weights.tolist(), strict=True))), likelihood, right


def conditional_logit(found: NDArray[np.float32], chosen: NDArray[np.int32]) -> tuple[NDArray[np.float32], float]:
    """Weights under which the softmax of `found @ weights` is likely to give what was chosen (McFadden 1974).

    `found` of shape (texts, entries, signals), `chosen` of shape (texts,). Returns the weights and the mean
    log-likelihood.
    """
    scale = np.maximum(found.std(axis=(0, 1)), 1e-9)
    scaled = found / scale
    rows = np.arange(len(chosen))
    of_chosen = scaled[rows, chosen].mean(axis=0)

    def loss(weights: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = scaled @ weights.astype(np.float32)
        scores -= scores.max(axis=1, keepdims=True)
        shares = np.exp(scores)
        sums = shares.sum(axis=1, keepdims=True)
        shares /= sums
        likelihood = float((scores[rows, chosen] - np.log(sums[:, 0])).mean())
        expected = np.einsum("te,tes->s", shares, scaled, optimize=True) / len(chosen)
        return RIDGE * float(weights @ weights) - likelihood, 2 * RIDGE * weights - (of_chosen - expected)

    best = minimize(loss, np.ones(found.shape[2]), jac=True, method="L-BFGS-B")
    weights: NDArray[np.float32] = (best.x / scale).astype(np.float32)
    return weights, -float(loss(best.x)[0] - RIDGE * float(best.x @ best.x))


def _borders(
    library: Library, data: TrainingSet, vectors: Vectors
) -> tuple[Calibration, NDArray[np.float64], NDArray[np.float64]]:
    """What the decision values of ours and danger mean, and each text's probability of being so, out of fold."""
    judged = data.judged
    ours, probabilities = _line(vectors[:judged], data.entry[:judged] >= 0)
    danger, dangers = _line(vectors, tells_of_danger(library, data), data.texts)
    return Calibration(ours, danger, _NEUTRAL.calibration.confidence), probabilities, dangers


def _line(vectors: Vectors, labels: NDArray[np.bool_], texts: Sequence[str] = ()) -> tuple[Line, NDArray[np.float64]]:
    """Platt scaling, out of fold, of the machine for these labels, and each row's probability.

    With `texts`, their words count, too, as they do for danger. A base with one label alone has nothing to scale.
    """
    if min(labels.sum(), (~labels).sum()) < FOLDS:
        return Line(1.0, 0.0), np.full(len(labels), 0.5)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    machine = SVC(C=KERNEL_C, gamma=KERNEL_GAMMA, cache_size=400)
    values = np.zeros(len(labels))
    for kept, held in folds.split(vectors, labels):
        values[held] = machine.fit(vectors[kept], labels[kept]).decision_function(vectors[held])
        if texts:
            by_words = fit_words([texts[row] for row in kept], labels[kept])
            values[held] += [DANGER_WORDS * by_words.score(texts[row]) for row in held]
    scaled = LogisticRegression(C=1e6).fit(values.reshape(-1, 1), labels)
    line = Line(float(scaled.coef_[0][0]), float(scaled.intercept_[0]))
    return line, np.array([line.probability(value) for value in values])


def _thresholds(
    library: Library, data: TrainingSet, ours: NDArray[np.float64], dangers: NDArray[np.float64]
) -> tuple[Thresholds, Thresholds]:
    """From where on `ours` and danger count: so that only so many near-misses, chat and harmless messages pass."""
    harmless = dangers[data.entry == HARMLESS]
    ask, overhear = _NEUTRAL.ask, _NEUTRAL.overhear
    ordinary = dangers[: data.ours][~tells_of_danger(library, data)[: data.ours]]
    if len(harmless) >= FOLDS:
        alarm, worry = np.quantile(harmless, [1 - HARMLESS_ALARMED, 1 - HARMLESS_WORRIED]).tolist()
        alarm = max(alarm, float(np.quantile(ordinary, 1 - ORDINARY_ALARMED)))
        worry = min(worry, alarm)
        ask, overhear = replace(ask, alarm=alarm, worry=worry), replace(overhear, alarm=worry)
    texts = dict(zip(data.texts[: data.judged], ours.tolist(), strict=True))
    slang = Slang(library.lexicon.slang)
    near = [texts[text] for text in _prepared(library.negatives.near_misses, slang) if text in texts]
    chatter = [texts[text] for text in _prepared(library.negatives.chatter, slang) if text in texts]
    if len(near) < FOLDS:
        return ask, overhear
    answered, offered, overheard = np.quantile(
        near, [1 - NEAR_MISSES_ANSWERED, 1 - NEAR_MISSES_OFFERED, 1 - NEAR_MISSES_OVERHEARD]
    ).tolist()
    if chatter:
        overheard = max(overheard, float(np.quantile(chatter, 1 - CHATTER_OVERHEARD)))
    return (
        replace(ask, ours=answered, offered=min(offered, answered)),
        replace(overhear, ours=overheard),
    )


@dataclass(frozen=True)
class _Heard:
    """What the base makes of a labelled question: the decision value of `ours`, and of the best entry that is no safety
    entry its share among all, and whether it is right. `known`: the base that is learned has an entry for it, or it
    is not for us."""

    ours: float
    share: float
    is_right: bool
    is_ours: bool
    is_known: bool


def _heard(base: Base, item: Asked) -> _Heard:
    scores = base.score(base.reader.read(item.text))
    if scores is None:
        return _Heard(-np.inf, 0.0, is_right=False, is_ours=bool(item.entries), is_known=False)
    entry, share = _best(base, scores)
    return _Heard(
        ours=scores.ours,
        share=share,
        is_right=entry.id in item.entries,
        is_ours=bool(item.entries),
        is_known=not item.entries or bool(item.entries & base.library.by_id.keys()),
    )


def _best(base: Base, scores: Scores) -> tuple[Entry, float]:
    """The best entry that is no safety entry (the best, where there are none but those), and its share among all."""
    shares = np.exp(scores.entries - scores.entries.max())
    shares /= shares.sum()
    ordinary = np.array([not entry.safety for entry in base.library.entries])
    best = int(np.where(ordinary | ~ordinary.any(), scores.entries, -np.inf).argmax())
    return base.library.entries[best], min(max(float(shares[best]), 1e-6), 1 - 1e-6)


def _alarms(
    base: Base, asked: Sequence[Asked], harmless: Sequence[str], ask: Thresholds, overhear: Thresholds
) -> tuple[Thresholds, Thresholds]:
    """From where on danger counts, by messages of another hand, where there are enough of them."""
    safety = {entry.id for entry in base.library.entries if entry.safety}
    ordinary = [item.text for item in asked if item.entries and not item.entries & safety]
    if min(len(harmless), len(ordinary)) < LEAST_LABELLED:
        return ask, overhear
    sounding, calm = (
        np.array([base.rank(base.reader.read(text)).danger for text in texts]) for texts in (harmless, ordinary)
    )
    alarm, worry = np.quantile(sounding, [1 - HARMLESS_ALARMED, 1 - HARMLESS_WORRIED]).tolist()
    alarm = max(alarm, float(np.quantile(calm, 1 - ORDINARY_ALARMED)))
    worry = min(worry, alarm)
    return replace(ask, alarm=alarm, worry=worry), replace(overhear, alarm=worry)


def _border(base: Base, heard: Sequence[_Heard], ask: Thresholds) -> Thresholds:
    """From where on `ours` counts when we are asked, by near-misses of another hand, where there are enough of them.

    The base's own near-misses are the hardest that its writers could think of: what people really ask is not.
    """
    near = [item for item in heard if not item.is_ours]
    if len(near) < LEAST_LABELLED:
        return ask
    ours, confidence = _certainties(base, near)
    answered = float(np.quantile(np.where(confidence >= ask.confidence, ours, 0.0), 1 - NEAR_MISSES_ANSWERED))
    offered = float(np.quantile(ours, 1 - NEAR_MISSES_OFFERED))
    return replace(ask, ours=answered, offered=min(offered, answered))


def _unasked(base: Base, heard: Sequence[_Heard], out_of_fold: NDArray[np.float64], overhear: Thresholds) -> Thresholds:
    """From where on `ours` and confidence count when nobody asked us, so that most is answered rightly.

    Bounded by near-misses of another hand and by the base's chatter, whose `ours` are `out_of_fold`, by row of the
    training set: its entries are learned from none of it, so that its confidence may be the finished base's.
    """
    near, asked = ([item for item in heard if item.is_ours is ours and item.is_known] for ours in (False, True))
    negatives = list(base.negatives())
    if min(len(near), len(asked)) < LEAST_LABELLED or not negatives:
        return overhear
    known = {prepare(text, base.reader.slang) for text in base.library.negatives.chatter}
    rows = [row for row, reading in enumerate(negatives) if reading.prepared in known]
    chatter_ours = out_of_fold[base.data.ours :][rows]
    chatter_confidence = _certainties(base, [_heard(base, Asked(negatives[row].text, frozenset())) for row in rows])[1]
    near_ours, near_confidence = _certainties(base, near)
    asked_ours, asked_confidence = _certainties(base, asked)
    right = np.array([item.is_right for item in asked])
    best, most = overhear, -1.0
    for least in CONFIDENCES_OVERHEARD:
        border = max(
            float(np.quantile(np.where(near_confidence >= least, near_ours, 0.0), 1 - NEAR_MISSES_OVERHEARD)),
            float(np.quantile(np.where(chatter_confidence >= least, chatter_ours, 0.0), 1 - CHATTER_OVERHEARD)),
        )
        answered = float(((asked_ours >= border) & (asked_confidence >= least) & right).mean())
        if answered > most:
            best, most = replace(overhear, ours=border, confidence=least), answered
    return best


def _certainties(base: Base, heard: Sequence[_Heard]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How probable it is that each is for us, and that its best entry is right."""
    calibration = base.model.meaning.calibration
    ours = np.array([calibration.ours.probability(item.ours) for item in heard])
    return ours, np.array([calibration.confidence_of(item.share, item.ours) for item in heard])


def _prepared(messages: Sequence[str], slang: Slang) -> list[str]:
    return [prepare(message, slang) for message in messages]


def _confidence(heard: Sequence[_Heard]) -> tuple[tuple[float, float, float], int, float]:
    """The weights of `Calibration.confidence`, how many questions they were fitted on, and the share that was right.

    Those for us, and as many of the near-misses as look most as if they were: of others confidence is never read.
    """
    known = [item for item in heard if item.is_known]
    near = sorted((item for item in known if not item.is_ours), key=lambda item: -item.ours)
    used = [item for item in known if item.is_ours] + near[: round(len(near) * NEAR_MISSES_OFFERED)]
    right = [item.is_right for item in used]
    if len(set(right)) < 2:
        return _NEUTRAL.calibration.confidence, len(used), float(np.mean(right)) if right else 0.0
    rows = np.array([(np.log(item.share / (1 - item.share)), item.ours) for item in used])
    fitted = LogisticRegression(C=1.0).fit(rows, right)
    slope, trust = fitted.coef_[0].tolist()
    return (slope, trust, float(fitted.intercept_[0])), len(used), float(np.mean(right))


def _own_weights(base: Base, servers: Sequence[AskedOnServer]) -> tuple[OwnWeights, float, float]:
    """How own entries compete, fitted on labelled servers; the shares of paraphrases won and of other questions taken.

    Each question gives a row an own entry: it is asked of that one or not.
    """
    rows: list[tuple[float, float, float]] = []
    able: list[bool] = []
    labels: list[bool] = []
    questions: list[int] = []
    kinds: list[bool] = []
    for server in servers:
        own = Own(server.entries, base.reader, base.rarity, _NEUTRAL.own)
        texts = [*server.paraphrases, *((text, "") for text in server.others)]
        for text, right in texts:
            reading = base.reader.read(text)
            if not reading.is_readable:
                continue
            for each in own.likenesses(reading, base.nearest(reading)):
                rows.append((each.lead, each.cosine, each.telling))
                able.append(each.may_answer)
                labels.append(each.entry.id == right)
                questions.append(len(kinds))
            kinds.append(bool(right))
    if len(set(labels)) < 2:
        return _NEUTRAL.own, 0.0, 0.0
    fitted = LogisticRegression(C=10.0).fit(np.array(rows), labels)
    lead, cosine, telling = fitted.coef_[0].tolist()
    weights = replace(_NEUTRAL.own, lead=lead, cosine=cosine, telling=telling, offset=float(fitted.intercept_[0]))
    scores = fitted.decision_function(np.array(rows))
    asked = np.array(kinds)
    best, best_is_right = _best_scores(scores, questions, labels, len(kinds))
    # the thresholds leave out of account that some may not answer: fitted with that they fell to next to nothing
    answer, close, unasked = np.quantile(best[~asked], [1 - OWN_TAKES, 1 - 3 * OWN_TAKES, 1 - OWN_TAKES / 3]).tolist()
    best, best_is_right = _best_scores(np.where(able, scores, LEAST_SCORE), questions, labels, len(kinds))
    others = best[~asked]
    weights = replace(weights, answer=logistic(answer), close=logistic(close), unasked=logistic(unasked))
    won = float((best_is_right & (best >= answer))[asked].mean()) if asked.any() else 0.0
    return weights, won, float((others >= answer).mean())


def _best_scores(
    scores: NDArray[np.float64], questions: Sequence[int], labels: Sequence[bool], count: int
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Of each of `count` questions, the best score that any of its rows has, and whether that row's label is true."""
    best = np.full(count, -np.inf)
    is_right = np.zeros(count, dtype=bool)
    for question, score, label in zip(questions, scores, labels, strict=True):
        if score > best[question]:
            best[question], is_right[question] = score, label
    return best, is_right
