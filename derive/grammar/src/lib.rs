//! The grammar of `#[ops(…)]`: what a struct that derives `OpsModel` says of its table. One parser
//! for the derive, which reports mistakes at the token, and for `cargo ops-migrate`, which reports
//! them at file and line: in the same words. What the statements mean for a database is for the
//! command; here nothing is known but the one struct.
//!
//! On the struct:
//!
//! ```text
//! unique(a, b, name = "…", nulls_not_distinct, deferrable, initially_deferred)
//! index(a, b desc nulls_last, "lower(c)", d class "text_pattern_ops" collate "C",
//!       name = "…", unique, method = "gin", where = "…", include(e, f), with = "…",
//!       nulls_not_distinct, concurrent)
//! check("a > 0", name = "…")          exclude("USING gist (a WITH =)", name = "…")
//! foreign_key(a, b, references = parent(x, y), on_delete = cascade, on_update = …, name = "…",
//!             deferrable, initially_deferred)
//! primary_key(a, b, name = "…")       comment = "…"       renamed_from = "…"
//! column(a, …keys of a field…)        a column that the struct has no field for
//! history   history(suffix = "_version", keep = false)    every state of every row in a table of its own,
//!                                     `<table>_history`; with `keep = false` it goes with the table
//! columns                             shared columns: embedded in models, no table of its own
//! shared(Audit, …)                    the columns of such structs, where `#[diesel(embed)]` cannot bring
//!                                     them; fields of those names may stand here, and say nothing else
//! postgres(unlogged, …)  sqlite(strict, without_rowid, …)  mysql(engine = "…", charset = "…",
//!     collate = "…", …)               options, and any other key for that database alone
//! ```
//!
//! On a field:
//!
//! ```text
//! primary_key   unique   unique(…)   index   index(…)   check("…", name = "…")
//! default = "SQL" | 1 | true         generated = "SQL" | generated("SQL", virtual)
//! references(parent.column, on_delete = set_null, …)    references(parent)
//! max_length = 20   precision(12, 2)   sql_type = "…"   collate = "…"   charset = "…"
//! identity   identity(always, start = 500, increment = 5, min = 1, max = 9, cache = 2, cycle)
//! identity = false   sequence   sequence(name = "…", start = 500, …)   on_update = "SQL"
//! comment = "…"   renamed_from = "…"   backfill = "SQL"   using = "SQL"   nullable   skip
//! postgres(…)  sqlite(…)  mysql(…)   any of these for that database alone
//! ```

mod check;
mod field;
mod nearest;
mod sql;
mod table;
mod word;

use proc_macro2::{Span, TokenStream};

pub use self::check::{called_like_history, column_of_history, is_suffix, unknown_column};
pub use self::field::{Default, Embed, Field, FieldSays, Generated, Identity, References, Sequence};
pub use self::table::{
    Check, Columns, Exclude, ForeignKey, HISTORY_COLUMNS, HISTORY_SUFFIX, History, Index, IndexKey, IndexPart, Model,
    Options, PrimaryKey, Says, Target, Unique,
};
pub use self::word::{At, Named, Text};

/// Something that is wrong, and where.
#[derive(Debug, Clone)]
pub struct Mistake {
    pub message: String,
    pub span: Span,
}

/// A database that a statement is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Database {
    Postgres,
    Sqlite,
    Mysql,
}

/// A statement, and the one database that it is for; `None` for all of them.
#[derive(Debug, Clone)]
pub struct For<T> {
    pub only: Option<Database>,
    pub says: T,
}

/// When a constraint is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Timing {
    #[default]
    AtOnce,
    Deferrable,
    InitiallyDeferred,
}

/// What a foreign key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    NoAction,
    Restrict,
    Cascade,
    SetNull,
    SetDefault,
}

/// Reads a struct that derives `OpsModel`, attributes included.
///
/// # Errors
/// Each mistake that is there to be seen.
pub fn parse(item: TokenStream) -> Result<Model, Vec<Mistake>> {
    let mistakes = |error: syn::Error| {
        error.into_iter().map(|one| Mistake { message: one.to_string(), span: one.span() }).collect::<Vec<_>>()
    };
    let item: syn::DeriveInput = syn::parse2(item).map_err(mistakes)?;
    let model = table::read(&item).map_err(mistakes)?;
    check::check(&model).map_err(mistakes)?;
    Ok(model)
}
