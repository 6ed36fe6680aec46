//! The summary in the form of a reproducibility report: scope, what was easy, what was difficult, what differs, compute.

use std::collections::BTreeSet;

use metrics::holm;

use super::document::{Block, Blocks, Line, Span, prose};
use super::study_page::{duration, text};
use study::declaration::{ClaimKind, ProtocolName, Report};
use study::judge::{
    ClaimVerdict, Comparison, InPyTorch, Judged, Judgement, LEVEL, MARGIN, PyTorchRounds, PyTorchVersions, Value,
    ValueVerdict, p_value,
};
use study::run::{NUMERICAL_REVISION, Trial};

/// The question whose answer is one of the main findings.
const DIGITS_QUESTION: &str = "headline-digits";
/// The study and cell of report A's best network.
const HEADLINE: [&str; 2] = ["headline", "headline"];
/// At most so many values are named in a sentence.
const NAMED: usize = 6;

/// What was easy, difficult, and different, in words: facts about the reports, no results.
const EASY: &str = "\
The authors of report A published their code, so that recipe, seeds and pair set are known exactly. Both reports use MNIST, \
whose files have not changed, and a generator that is portable bit by bit. Networks are small: every study trains on one \
core.";
const DIFFICULT: &str = "\
Most numbers stand in figures and had to be read off them. Neither text is complete: both leave parts of the recipe to the \
code. For report B's digit classifier there is no code, and no number of rounds. All rounds of a report share 1,000 test \
pairs, so ten rounds tell little about other pairs.";
const DIFFERENCES: [&str; 8] = [
    "Report A, code: dropout 0.5 before every linear layer of both heads. The text says that there is none. We follow the code \
     and train the other reading too.",
    "Report A, code: pooling after the third convolution. Table I has none. Both are trained.",
    "Report A, code: 30 epochs, weights of the last. The text gives no number.",
    "Report B, code: training stops after 11 epochs without a lower validation loss. The text says ten, and also that every \
     training takes 80. All three are trained.",
    "Report B, code: the order of the pairs is drawn once, when they are split. Ours is drawn anew each epoch; the other is \
     trained beside it.",
    "Report B, code: learning rate 0.01 with dropout. The text gives 0.001. Both are trained.",
    "Report B, code: weight 10 of the auxiliary loss in Table I without dropout, 1 with it. The text names 10 only.",
    "Report B, code: ten rounds for the rows of Table I without auxiliary loss. The text says ten for all.",
];

/// The main findings, then the summary; headings of level `level` and below.
pub(super) fn blocks(judged: &Judged, level: usize) -> Blocks {
    let heading = |level, words: &str| Block::Heading(level, words.to_owned());
    let mut blocks = vec![heading(level, "What we find"), Block::List(findings(judged))];
    blocks.push(heading(level, "Reproducibility summary"));
    blocks.push(heading(level + 1, "Scope"));
    blocks.push(Block::Paragraph(text(scope(judged))));
    blocks.push(heading(level + 1, "What was easy"));
    blocks.push(Block::Paragraph(text(EASY)));
    blocks.push(heading(level + 1, "What was difficult"));
    blocks.push(Block::Paragraph(text(DIFFICULT)));
    blocks.push(heading(level + 1, "Where text and code differ"));
    blocks.push(Block::List(DIFFERENCES.map(prose).to_vec()));
    blocks.push(heading(level + 1, "Compute"));
    blocks.push(Block::Paragraph(text(compute(judged))));
    blocks
}

/// The three main findings, a line each, for a reader who stays for a minute.
pub(super) fn in_short(judged: &Judged) -> Line {
    let of = |verdict| judged.count(ProtocolName::Fixed, verdict);
    let all = judged.values(ProtocolName::Fixed).len();
    let differs = match of(ValueVerdict::Different) {
        0 => "none differs beyond chance".to_owned(),
        1 => "1 differs".to_owned(),
        several => format!("{several} differ"),
    };
    let equivalent = of(ValueVerdict::Equivalent);
    let [claims, reproduced, refuted] = [
        judged.claims().count(),
        claims_that(judged, |verdict| *verdict == ClaimVerdict::Reproduced),
        claims_that(judged, |verdict| *verdict == ClaimVerdict::NotReproduced),
    ];
    let mut line = vec![
        Span::Strong("Values:".to_owned()),
        Span::Text(format!(
            " of {all} published, {equivalent} are equivalent to ours within {MARGIN} point, {differs}; the others stay open."
        )),
        Span::Break,
        Span::Strong("Claims:".to_owned()),
        Span::Text(format!(" of {claims}, {reproduced} are reproduced and {refuted} are not; the others stay open.")),
    ];
    if let Some(comparison) = digits_question(judged) {
        let [by_digits, learned] = comparison.means;
        line.extend([
            Span::Break,
            Span::Strong("Networks:".to_owned()),
            Span::Text(format!(
                " they read digits better than they compare them. Comparing the two digits that report A's best network reads is \
                 right on {by_digits:.1} % of pairs, its learned comparison on {learned:.1} %."
            )),
        ]);
    }
    line
}

/// Digits read against pairs compared, by report A's best network.
fn digits_question<'a>(judged: &'a Judged) -> Option<&'a Comparison> {
    let is_asked = |judgement: &&Judgement| {
        judgement.claim.id == DIGITS_QUESTION && judgement.protocol == Some(ProtocolName::Fixed)
    };
    judged.judgements.iter().find(is_asked)?.comparisons.first()
}

/// The main findings.
fn findings(judged: &Judged) -> Vec<Line> {
    let mut lines = vec![values_in_words(judged), claims_in_words(judged)];
    if let Some(comparison) = digits_question(judged) {
        let [low, high] = comparison.difference.interval;
        lines.push(format!(
            "The networks read digits better than they compare them: comparing the two digits that report A's best network \
             reads is right on {:.2} %, its learned comparison on {:.2} %: {:.2} points fewer (95 % interval {low:.2} to \
             {high:.2}).",
            comparison.means[0], comparison.means[1], comparison.difference.estimate,
        ));
    }
    lines.extend(pytorch_in_words(judged));
    lines.extend(spreads_in_words(judged));
    lines.into_iter().map(text).collect()
}

fn values_in_words(judged: &Judged) -> String {
    let values = judged.values(ProtocolName::Fixed).iter();
    let [equivalent, different, inconclusive, not_judged] =
        ValueVerdict::ALL.map(|verdict| judged.count(ProtocolName::Fixed, verdict));
    let named = values.clone().filter(|value| value.verdict == ValueVerdict::Different).take(NAMED).map(in_words);
    let named = named.collect::<Vec<_>>().join("; ");
    let named = if named.is_empty() { String::new() } else { format!(" ({named})") };
    let clearest = if different > 0 { None } else { clearest(values) };
    let different = if different > 0 { different.to_string() } else { "none".to_owned() };
    format!(
        "Of {} distinct published values, ours is equivalent to {equivalent}, within {MARGIN} point. It differs from \
         {different}{named}. For {inconclusive} the rounds show neither; {not_judged} cannot be judged.{}",
        judged.values(ProtocolName::Fixed).len(),
        clearest.unwrap_or_default()
    )
}

/// The value with the smallest p-value, where none differs after correction.
fn clearest<'a>(values: impl Iterator<Item = &'a Value<'a>>) -> Option<String> {
    let judged = values.filter_map(|value| Some((value, value.against?.difference.p)));
    let (value, p) = judged.min_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(format!(" The clearest difference: {}, {} before correction.", in_words(value), p_value(p)))
}

fn in_words(value: &Value) -> String {
    let ours = value.against.map_or(f64::NAN, |against| against.value);
    let [report, figure] = [value.report.title(), value.places[0].figure];
    format!("{report}, {figure}, {}: published {:.2}, ours {ours:.2}", value.title, value.published.mean)
}

fn claims_in_words(judged: &Judged) -> String {
    let of = |wanted| claims_that(judged, wanted);
    format!(
        "Of {} distinct claims of both reports, {} are reproduced, {} lie within noise, {} are not reproduced, {} cannot be \
         tested.",
        judged.claims().count(),
        of(|verdict| *verdict == ClaimVerdict::Reproduced),
        of(|verdict| *verdict == ClaimVerdict::WithinNoise),
        of(|verdict| *verdict == ClaimVerdict::NotReproduced),
        of(|verdict| matches!(verdict, ClaimVerdict::Untestable { .. })),
    )
}

fn claims_that(judged: &Judged, wanted: fn(&ClaimVerdict) -> bool) -> usize {
    judged.claims().filter(|judgement| wanted(&judgement.verdict)).count()
}

/// Whether another program gives what ours gives, and what both say of the headline.
fn pytorch_in_words(judged: &Judged) -> Option<String> {
    let values = judged.values(ProtocolName::Fixed).iter();
    let mut both: Vec<(&Value, InPyTorch)> = values.filter_map(|value| Some((value, value.pytorch?))).collect();
    // A recipe once, however many values are published of it.
    let mut seen = BTreeSet::new();
    both.retain(|(_, pytorch)| seen.insert(pytorch.of));
    let corrected = holm(&both.iter().map(|(_, pytorch)| pytorch.ours.p).collect::<Vec<_>>());
    let differing = corrected.iter().filter(|p| **p < LEVEL).count();
    let largest = both.iter().map(|(_, pytorch)| pytorch.ours.estimate.abs()).reduce(f64::max)?;
    let is_headline = |value: &Value| value.places.iter().any(|place| [&place.study.name, place.cell] == HEADLINE);
    let headline = both.iter().find(|(value, _)| is_headline(value)).and_then(|(value, pytorch)| {
        let (ours, rounds) = (value.against?, pytorch.rounds);
        Some(format!(
            " The headline, {:.2} in {}: PyTorch gives {:.2} (standard deviation {:.2}, n = {}; {}), ours {:.2} ({:.2}, n = {}; {}).",
            value.published.mean,
            value.report.title(),
            rounds.mean,
            rounds.standard_deviation,
            rounds.n,
            p_value(pytorch.against.difference.p),
            ours.value,
            ours.ours.standard_deviation,
            ours.ours.n,
            p_value(ours.difference.p),
        ))
    });
    Some(format!(
        "The same recipes in plain PyTorch: of {} trained in both, {} differ after Holm's correction; the means lie \
         at most {largest:.2} points apart.{}",
        both.len(),
        if differing == 0 { "none".to_owned() } else { differing.to_string() },
        headline.unwrap_or_default(),
    ))
}

/// Published standard deviations that ours differ from, by themselves and after correction.
fn spreads_in_words(judged: &Judged) -> Option<String> {
    let values = judged.values(ProtocolName::Fixed).iter();
    let spreads: Vec<_> = values.filter_map(|value| Some((value, value.spread?))).collect();
    let alone: Vec<_> = spreads.iter().filter(|(_, spread)| spread.p < LEVEL).collect();
    let corrected = spreads.iter().filter(|(_, spread)| spread.corrected_p < LEVEL).count();
    let mut widest = alone.clone();
    widest.sort_by(|a, b| a.1.p.total_cmp(&b.1.p));
    let named = widest.iter().take(NAMED).map(|(value, spread)| {
        let ([ours, published], place) = (spread.standard_deviations, value.places[0]);
        format!("{:?}, {}, {}: {published:.2}, ours {ours:.2}", value.report, place.figure, value.title)
    });
    let named = named.collect::<Vec<_>>().join("; ");
    (!spreads.is_empty()).then(|| {
        format!(
            "Of {} published standard deviations, {} differ from ours by an F-test, {corrected} after Holm's correction{}.",
            spreads.len(),
            alone.len(),
            if named.is_empty() { String::new() } else { format!(" (the clearest: {named})") },
        )
    })
}

fn scope(judged: &Judged) -> String {
    let places = |report| -> (usize, usize) {
        let values = judged.values(ProtocolName::Fixed).iter().filter(|value| value.report == report);
        values.fold((0, 0), |(values, places), value| (values + 1, places + value.places.len()))
    };
    let of = |report| match places(report) {
        (values, places) if values == places => format!("{values} values of {}", report.title()),
        (values, places) => format!("{values} values of {} (printed {places} times)", report.title()),
    };
    let repeats = distinct(judged, |judgement| judgement.claim.repeats.is_some());
    let variants = distinct(judged, |judgement| judgement.claim.kind == ClaimKind::Variant);
    let power = judged.power().map_or(String::new(), |power| {
        format!(
            " {} rounds on both sides, at the median published standard deviation of {:.2} points, show a difference of {:.2} \
             points four times out of five, before correction.",
            power.rounds, power.standard_deviation, power.difference
        )
    });
    format!(
        "Every value that the reports publish, in text, tables and figures: {} and {}. Every claim, {} distinct ones; {repeats} \
         more say one again, and {variants} of ours try one with another network, recipe or seeds.{power}",
        of(Report::A),
        of(Report::B),
        judged.claims().count(),
    )
}

/// The number of claims, not of verdicts.
fn distinct(judged: &Judged, is_meant: impl Fn(&Judgement) -> bool) -> usize {
    let meant = judged.judgements.iter().filter(|judgement| is_meant(judgement));
    meant.map(|judgement| &judgement.claim.id).collect::<BTreeSet<_>>().len()
}

/// Trainings, core hours, machines, and whether today's program would give the same bits.
fn compute(judged: &Judged) -> String {
    let trials: Vec<&Trial> = judged.results.studies.iter().flat_map(|study| study.all_trials()).collect();
    let seconds: f64 = trials.iter().map(|trial| trial.seconds).sum();
    let machines: BTreeSet<&str> = trials.iter().map(|trial| trial.host.processor.as_str()).collect();
    format!(
        "{} trainings took {} of core time ({}), one core each. Energy was not measured. {}{}",
        trials.len(),
        duration(seconds),
        machines.into_iter().collect::<Vec<_>>().join(", "),
        revisions(&trials),
        in_pytorch(&judged.results.pytorch),
    )
}

/// The rounds trained in PyTorch, and of which sources; nothing where there are none.
fn in_pytorch(rounds: &PyTorchRounds) -> String {
    if rounds.count() == 0 {
        return String::new();
    }
    let commit = |leq: &String| format!(", commit {leq}");
    let words =
        |of: &PyTorchVersions| format!("PyTorch {}{}", of.torch, of.leq.as_ref().map_or_else(String::new, commit));
    let versions: Vec<String> = rounds.versions().iter().map(words).collect();
    format!(" {} more rounds in PyTorch took {} ({}).", rounds.count(), duration(rounds.seconds()), versions.join("; "))
}

/// Whether the trials are of the numerical revision of this program, and of clean sources.
pub(super) fn revisions(trials: &[&Trial]) -> String {
    let of_today = trials.iter().filter(|trial| trial.versions.numerics == Some(NUMERICAL_REVISION)).count();
    let dirty = trials.iter().filter(|trial| trial.versions.leq.ends_with("-dirty")).count();
    let sources: BTreeSet<&str> = trials.iter().map(|trial| trial.versions.leq.as_str()).collect();
    let sources = sources.into_iter().collect::<Vec<_>>().join(", ");
    let today = match trials.len() - of_today {
        0 => format!("All ran under today's numerical revision, {NUMERICAL_REVISION}."),
        others => format!(
            "{others} ran under an earlier numerical revision (today's is {NUMERICAL_REVISION}) and would give other bits today."
        ),
    };
    let clean = if dirty == 0 { String::new() } else { format!(" {dirty} ran from uncommitted sources.") };
    format!("{today}{clean} Commits: {sources}.")
}

/// Values and claims by verdict, and the trainings, for the repository's README.
pub(super) fn counts(judged: &Judged) -> Vec<Line> {
    let [equivalent, different, inconclusive, not_judged] =
        ValueVerdict::ALL.map(|verdict| judged.count(ProtocolName::Fixed, verdict));
    let values = judged.values(ProtocolName::Fixed).len();
    vec![
        text(format!(
            "{values} distinct published values: {equivalent} equivalent within {MARGIN} point, {different} different, \
             {inconclusive} inconclusive, {not_judged} not judged."
        )),
        text(claims_in_words(judged)),
        text(compute(judged)),
    ]
}
