//! Which of the replay's doubts mean that the server refuses the statement, rather than that the
//! replay cannot tell what it does.

use super::step::Step;
use super::subject::Way;
use crate::catalog::{Catalog, Uncertain};
use crate::place::line_end;

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

/// The refused statements of a script, with the reasons: what its replay doubts that was sure
/// before.
pub(super) fn refusals<'a>(way: &'a Way<'_>, before: &Catalog, after: &Catalog) -> Vec<(Option<&'a Step>, String)> {
    let new = after.uncertain.iter().filter(|doubt| !before.uncertain.contains(doubt));
    // Behind what could not be followed, such as a DO block, nothing is certain.
    let sure = new.take_while(|doubt| is_refusal(&doubt.reason));
    let step_at = |line: u32| {
        let end = line_end(&way.script.text, line);
        way.steps.iter().rfind(|step| line > 0 && step.offset < end)
    };
    sure.filter(|doubt| !is_doubted(before, doubt))
        .map(|doubt| (step_at(doubt.at.line), doubt.reason.clone()))
        .collect()
}

fn is_refusal(reason: &str) -> bool {
    WORDS.iter().any(|words| reason.contains(words))
}

/// Whether the objects of a doubt were not known for certain before.
fn is_doubted(before: &Catalog, doubt: &Uncertain) -> bool {
    before.uncertain.iter().any(|old| old.objects.is_empty() || !old.objects.is_disjoint(&doubt.objects))
}
