//! The one table of rules. A rule is known by its code and its id; both are for ever.

mod access_changes;
mod add_column_rewrites;
mod allow_comment;
mod attach_partition_scans;
mod backends_differ;
mod cascade_takes_more;
mod check_not_valid;
mod column_order;
mod column_type_rewrites;
mod constraint_dropped;
mod data_loss;
mod data_not_batched;
mod default_dropped;
mod delete_every_row;
mod detach_partition_not_concurrent;
mod domain_constraint_not_valid;
mod down_does_not_run;
mod down_not_inverse;
mod drop_index_not_concurrent;
mod drop_not_null;
mod dropped_but_in_models;
mod duplicate_index;
mod empty_up;
mod enum_value_used_at_once;
mod exclusion_constraint;
mod extension_needs_right;
mod fixed_char;
mod foreign_key_not_valid;
mod foreign_key_without_index;
mod function_volatility;
mod guard_hides_drift;
mod history_out_of_step;
mod identifier_too_long;
mod index_not_concurrent;
mod lock_table;
mod missing_comment;
mod missing_down;
mod missing_guard;
mod missing_lock_timeout;
mod models_ahead_of_chain;
mod mysql_charset;
mod mysql_copies_table;
mod mysql_engine;
mod mysql_enum_values;
mod mysql_inline_reference;
mod mysql_lock_option;
mod mysql_online_tools;
mod mysql_several_ddl;
mod mysql_zero_date;
mod name_pattern;
mod needs_no_transaction;
mod new_enum_type;
mod no_money;
mod no_transaction_stands_alone;
mod not_analysed;
mod not_null_without_backfill;
mod object_dropped;
mod out_of_order;
mod prefer_identity;
mod prefer_jsonb;
mod prefer_text;
mod prefer_timestamptz;
mod redundant_index;
mod refresh_view_not_concurrent;
mod reindex_not_concurrent;
mod released_revision_edited;
mod rename_as_drop_and_add;
mod rename_breaks_running_code;
mod required_column_without_value;
mod required_columns;
mod reserved_word;
mod schema_and_data;
mod session_setting_leaks;
mod set_local_outside_transaction;
mod set_not_null_scans;
mod several_alter_table;
mod short_lock_timeout_with_concurrently;
mod sibling_lacks_twin;
mod slow_after_exclusive_lock;
mod small_key;
mod sql_does_not_parse;
mod sqlite_foreign_keys_pragma;
mod sqlite_half_applied;
mod sqlite_rebuild_cascades;
mod sqlite_rebuild_loses;
mod sqlite_reference_to_nowhere;
mod sqlite_statement_refused;
mod table_renamed_as_new;
mod table_rewritten;
mod table_without_primary_key;
mod transaction_control;
mod trigger_locks;
mod truncate;
mod unique_builds_index;
mod unique_may_fail;
mod unnamed_constraint;
mod unqualified_name;
mod up_does_not_run;
mod validate_in_same_revision;
mod value_may_not_fit;
mod wide_index;
mod wide_lock_window;

pub(super) use self::index_not_concurrent::concurrently;
pub(super) use self::mysql_copies_table::check as copies;
pub(super) use self::not_null_without_backfill::is_checked as says_not_null;
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
    allow_comment::RULE,
    index_not_concurrent::RULE,
    drop_index_not_concurrent::RULE,
    reindex_not_concurrent::RULE,
    refresh_view_not_concurrent::RULE,
    detach_partition_not_concurrent::RULE,
    slow_after_exclusive_lock::RULE,
    wide_lock_window::RULE,
    several_alter_table::RULE,
    add_column_rewrites::RULE,
    set_not_null_scans::RULE,
    column_type_rewrites::RULE,
    foreign_key_not_valid::RULE,
    check_not_valid::RULE,
    domain_constraint_not_valid::RULE,
    validate_in_same_revision::RULE,
    unique_builds_index::RULE,
    exclusion_constraint::RULE,
    trigger_locks::RULE,
    attach_partition_scans::RULE,
    table_rewritten::RULE,
    lock_table::RULE,
    missing_lock_timeout::RULE,
    short_lock_timeout_with_concurrently::RULE,
    enum_value_used_at_once::RULE,
    foreign_key_without_index::RULE,
    dropped_but_in_models::RULE,
    rename_breaks_running_code::RULE,
    cascade_takes_more::RULE,
    truncate::RULE,
    delete_every_row::RULE,
    default_dropped::RULE,
    unique_may_fail::RULE,
    table_renamed_as_new::RULE,
    data_not_batched::RULE,
    schema_and_data::RULE,
    constraint_dropped::RULE,
    access_changes::RULE,
    drop_not_null::RULE,
    value_may_not_fit::RULE,
    object_dropped::RULE,
    table_without_primary_key::RULE,
    duplicate_index::RULE,
    small_key::RULE,
    prefer_identity::RULE,
    prefer_text::RULE,
    prefer_timestamptz::RULE,
    prefer_jsonb::RULE,
    fixed_char::RULE,
    no_money::RULE,
    redundant_index::RULE,
    wide_index::RULE,
    unnamed_constraint::RULE,
    identifier_too_long::RULE,
    name_pattern::RULE,
    required_columns::RULE,
    missing_comment::RULE,
    new_enum_type::RULE,
    extension_needs_right::RULE,
    unqualified_name::RULE,
    function_volatility::RULE,
    missing_guard::RULE,
    column_order::RULE,
    reserved_word::RULE,
    mysql_several_ddl::RULE,
    mysql_copies_table::RULE,
    mysql_inline_reference::RULE,
    mysql_lock_option::RULE,
    mysql_enum_values::RULE,
    mysql_online_tools::RULE,
    mysql_zero_date::RULE,
    mysql_engine::RULE,
    mysql_charset::RULE,
    sqlite_reference_to_nowhere::RULE,
    sqlite_statement_refused::RULE,
    sqlite_foreign_keys_pragma::RULE,
    sqlite_rebuild_loses::RULE,
    sqlite_half_applied::RULE,
    down_does_not_run::RULE,
    models_ahead_of_chain::RULE,
    guard_hides_drift::RULE,
    up_does_not_run::RULE,
    sibling_lacks_twin::RULE,
    out_of_order::RULE,
    history_out_of_step::RULE,
    released_revision_edited::RULE,
    backends_differ::RULE,
    needs_no_transaction::RULE,
    no_transaction_stands_alone::RULE,
    transaction_control::RULE,
    session_setting_leaks::RULE,
    empty_up::RULE,
    set_local_outside_transaction::RULE,
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
