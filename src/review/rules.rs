//! The one table of rules. A rule is known by its code and its id; both are for ever.

mod data_loss;
mod down_not_inverse;
mod missing_down;
mod not_analysed;
mod not_null_without_backfill;
mod rename_as_drop_and_add;
mod required_column_without_value;
mod sql_does_not_parse;
mod sqlite_rebuild_cascades;

use super::rule::Rule;

/// Every rule, by code.
pub const RULES: &[Rule] = &[
    required_column_without_value::RULE,
    not_null_without_backfill::RULE,
    data_loss::RULE,
    rename_as_drop_and_add::RULE,
    missing_down::RULE,
    down_not_inverse::RULE,
    sqlite_rebuild_cascades::RULE,
    not_analysed::RULE,
    sql_does_not_parse::RULE,
];

/// The rule of that code or id, in any letter case.
pub fn find(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code.eq_ignore_ascii_case(name) || rule.id.eq_ignore_ascii_case(name))
}

/// The id that a misspelt name most likely means.
pub fn nearest(name: &str) -> &'static str {
    let name = name.to_lowercase();
    let likeness = |rule: &&Rule| {
        let id = strsim::jaro_winkler(rule.id, &name);
        (id.max(strsim::jaro_winkler(&rule.code.to_lowercase(), &name)) * 1e6) as u64
    };
    RULES.iter().max_by_key(likeness).map_or("", |rule| rule.id)
}
