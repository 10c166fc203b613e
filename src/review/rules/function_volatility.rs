//! A function that does not say what it depends on.

use crate::replay::action::Action;
use crate::review::{Example, POSTGRES, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM320",
    id: "function-volatility",
    severity: Severity::Off,
    dialects: POSTGRES,
    summary: "CREATE FUNCTION without IMMUTABLE, STABLE or VOLATILE",
    help: "It is VOLATILE then: it is called for every row, no index can be used for what it gives, and a column default of it writes the whole table anew.",
    safer: "IMMUTABLE where the same arguments always give the same, STABLE where it only reads, VOLATILE otherwise",
    links: &["https://www.postgresql.org/docs/current/xfunc-volatility.html"],
    examples: &[
        Example::new(
            "CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1';",
            &["1 one does not say whether it is immutable, stable or volatile"],
        ),
        Example::new("CREATE FUNCTION one() RETURNS integer LANGUAGE sql IMMUTABLE AS 'SELECT 1';", &[]),
        Example::new("CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';", &[]),
    ],
    check,
};

fn check(subject: &Subject<'_>, reports: &mut Vec<Report>) {
    for (step, act) in subject.acts() {
        let Action::CreateObject { kind, name, .. } = &act.action else { continue };
        let says = |word: &str| step.has_words(&[word]);
        if kind == "function"
            && !["immutable", "stable", "volatile", "trigger", "event_trigger"].iter().any(|w| says(w))
        {
            let text = format!(
                "{} does not say whether it is immutable, stable or volatile",
                name.name.split('(').next().unwrap_or_default()
            );
            reports.push(Report::at(step, text));
        }
    }
}
