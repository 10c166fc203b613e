//! Comments that allow nothing. They are read where findings are taken away, in `allow`.

use crate::dialect::Dialect::Postgres;
use crate::review::{ALL, Example, Report, Rule, Severity, Subject};

pub(super) const RULE: Rule = Rule {
    code: "OM010",
    id: "allow-comment",
    severity: Severity::Warn,
    dialects: ALL,
    summary: "an `ops-migrate: allow` comment without a reason, about an unknown rule, or of no use",
    help: "A comment keeps a rule silent for the next statement. Without a reason nobody can tell later whether it \
           still holds; with nothing to allow it would hide what comes.",
    safer: "-- ops-migrate: allow <rule> <reason>",
    links: &[],
    examples: &[
        Example::new(
            "-- ops-migrate: allow data-loss\nDROP TABLE users;",
            &["1 why is data-loss allowed here? The comment gives no reason, and allows nothing"],
        )
        .only(&[Postgres]),
        Example::new(
            "-- ops-migrate: allow data-lost because\nDROP TABLE users;",
            &["1 there is no rule `data-lost`; did you mean `data-loss`?"],
        ),
        Example::new("-- ops-migrate: allow data-loss nobody has used it since May\nDROP TABLE users;", &[]),
    ],
    check,
};

fn check(_subject: &Subject<'_>, _reports: &mut Vec<Report>) {}
