//! Which of the replay's doubts mean that the server refuses the statement, rather than that the
//! replay cannot tell what it does.

use super::step::Step;
use super::subject::Way;
use crate::catalog::Uncertain;
use crate::place::line_at;

/// How the replay speaks of what is not there, is there already, or is still needed; it has no other
/// words for it, and its tests hold these.
const WORDS: [&str; 7] = [
    "which no earlier revision creates",
    "which an earlier revision creates already",
    "without CASCADE",
    "which exists",
    "but existed before",
    "SQLite does not drop",
    "SQLite adds no column",
];

/// The refused statements of a script with the reasons, from what its replay doubted.
pub(super) fn refusals<'a>(way: &'a Way<'_>, doubts: &[Uncertain]) -> Vec<(Option<&'a Step>, String)> {
    let of_script = doubts.iter().filter(|doubt| doubt.at.file == way.script.file && is_refusal(&doubt.reason));
    let step_at = |line: u32| way.steps.iter().rfind(|step| line > 0 && line_at(&way.script.text, step.offset) <= line);
    of_script.map(|doubt| (step_at(doubt.at.line), doubt.reason.clone())).collect()
}

/// Whether a reason to doubt is one to refuse.
pub(super) fn is_refusal(reason: &str) -> bool {
    WORDS.iter().any(|words| reason.contains(words))
}
