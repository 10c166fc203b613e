//! The engines' connections behind one type: statements and rows of text, and nothing that only one
//! of them can. Diesel's types do not leave it; only the runner looks inside.

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
use diesel::deserialize::{FromSql, FromSqlRow};
#[cfg(feature = "mysql")]
use diesel::mysql::{Mysql, MysqlConnection, MysqlType};
use diesel::pg::{Pg, PgConnection};
use diesel::prelude::*;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Nullable, Text, Untyped};
use diesel::sqlite::{Sqlite, SqliteConnection};

/// The connection of one engine.
pub(crate) enum Handle {
    Postgres(Box<PgConnection>),
    Sqlite(Box<SqliteConnection>),
    #[cfg(feature = "mysql")]
    Mysql(Box<MysqlConnection>),
}

/// Does the same with whichever connection it is.
macro_rules! with_connection {
    ($handle:expr, $connection:ident => $body:expr) => {
        match $handle {
            $crate::db::Handle::Postgres($connection) => $body,
            $crate::db::Handle::Sqlite($connection) => $body,
            #[cfg(feature = "mysql")]
            $crate::db::Handle::Mysql($connection) => $body,
        }
    };
}
pub(crate) use with_connection;

#[derive(QueryableByName)]
struct TextRow {
    #[diesel(sql_type = Nullable<Text>)]
    row: Option<Words>,
}

/// A text of the server's. Diesel takes whatever bytes come for one, a number's as well, and many numbers are
/// no UTF-8: a query of ours that forgets its cast would fail on some days and not on others.
#[derive(Debug, FromSqlRow)]
#[diesel(sql_type = Text)]
struct Words(String);

impl<DB> FromSql<Text, DB> for Words
where
    DB: Typed,
    String: FromSql<Text, DB>,
{
    fn from_sql(value: DB::RawValue<'_>) -> diesel::deserialize::Result<Self> {
        match DB::other_type(&value) {
            None => String::from_sql(value).map(Self),
            Some(other) => Err(format!("a query of this program asks for text and gets {other}").into()),
        }
    }
}

/// An engine whose values have types that may not be what is asked for.
trait Typed: Backend {
    /// The type of a value, where it is not one of text.
    fn other_type(value: &Self::RawValue<'_>) -> Option<String>;
}

impl Typed for Sqlite {
    /// The engine makes a text of any value.
    fn other_type(_value: &Self::RawValue<'_>) -> Option<String> {
        None
    }
}

impl Typed for Pg {
    fn other_type(value: &Self::RawValue<'_>) -> Option<String> {
        // name, text, json, unknown, bpchar, varchar (PostgreSQL's pg_type.dat).
        const TEXTS: [u32; 6] = [19, 25, 114, 705, 1042, 1043];
        let oid = value.get_oid().get();
        (!TEXTS.contains(&oid)).then(|| format!("a value of the type {oid}"))
    }
}

#[cfg(feature = "mysql")]
impl Typed for Mysql {
    fn other_type(value: &Self::RawValue<'_>) -> Option<String> {
        let ty = value.value_type();
        let is_text = matches!(ty, MysqlType::String | MysqlType::Blob | MysqlType::Enum | MysqlType::Set);
        (!is_text).then(|| format!("a value of the type {ty:?}"))
    }
}

/// A row of `SHOW CREATE`, whose columns have names with a space, which the derive refuses.
#[cfg(feature = "mysql")]
struct Created(String);

#[cfg(feature = "mysql")]
impl QueryableByName<Mysql> for Created {
    fn build<'a>(row: &impl diesel::row::NamedRow<'a, Mysql>) -> diesel::deserialize::Result<Self> {
        let columns = ["Create Table", "Create View", "Create Sequence"];
        let found = columns.iter().find_map(|column| diesel::row::NamedRow::get::<Text, String>(row, column).ok());
        found.map(Self).ok_or_else(|| "SHOW CREATE has no column that is known".into())
    }
}

impl Handle {
    /// Prepares no statement by name, as behind a pooler, where the next one may run in another session.
    pub(super) fn prepare_nothing(&mut self) {
        with_connection!(self, c => c.set_prepared_statement_cache_size(diesel::connection::CacheSize::Disabled));
    }

    /// Runs one or several statements, without results.
    pub(super) fn batch(&mut self, sql: &str) -> QueryResult<()> {
        with_connection!(self, c => c.batch_execute(sql))
    }

    /// Runs one statement with text parameters; the number of rows it changed. One that is `kept` is prepared
    /// once.
    pub(super) fn execute(&mut self, sql: &str, values: &[Option<&str>], kept: bool) -> QueryResult<usize> {
        let query = Bound::new(sql, values, kept);
        with_connection!(self, c => query.execute(c.as_mut()))
    }

    /// The rows of a query with one text column called `row`. One that is `kept` is prepared once, and is
    /// one message from then on instead of two.
    pub(super) fn texts(&mut self, sql: &str, values: &[Option<&str>], kept: bool) -> QueryResult<Vec<Option<String>>> {
        let query = Bound::new(sql, values, kept);
        let rows: Vec<TextRow> = with_connection!(self, c => query.load(c.as_mut()))?;
        Ok(rows.into_iter().map(|row| row.row.map(|Words(text)| text)).collect())
    }

    /// The statement in the answer to a `SHOW CREATE`, which MySQL and MariaDB know.
    #[cfg_attr(not(feature = "mysql"), expect(unused_variables, reason = "no other engine has it"))]
    pub(super) fn show_create(&mut self, sql: &str) -> QueryResult<String> {
        match self {
            #[cfg(feature = "mysql")]
            Self::Mysql(c) => Ok(diesel::sql_query(sql).get_result::<Created>(c.as_mut())?.0),
            _ => Ok(String::new()),
        }
    }
}

/// A statement of ours with its text parameters `$1`, `$2`, …, which Diesel writes as the engine wants
/// them: MySQL and SQLite count their `?`, so a value that is named twice is sent twice. No text of
/// ours has a `$` that is followed by the number of a value and means something else.
struct Bound<'a> {
    /// Each text with the value in front of it.
    pieces: Vec<(Option<&'a Option<&'a str>>, &'a str)>,
    is_kept: bool,
}

impl<'a> Bound<'a> {
    fn new(sql: &'a str, values: &'a [Option<&'a str>], is_kept: bool) -> Self {
        let mut pieces = Vec::with_capacity(values.len() + 1);
        let (mut value, mut from) = (None, 0);
        for (at, _) in sql.match_indices('$') {
            let digits = sql[at + 1..].bytes().take_while(u8::is_ascii_digit).count();
            let named: Option<usize> = sql[at + 1..=at + digits].parse().ok();
            if let Some(next) = named.and_then(|number| values.get(number.checked_sub(1)?)) {
                pieces.push((value.replace(next), &sql[from..at]));
                from = at + 1 + digits;
            }
        }
        pieces.push((value, &sql[from..]));
        Self { pieces, is_kept }
    }
}

impl<DB> QueryFragment<DB> for Bound<'_>
where
    DB: Backend + HasSqlType<Text>,
    for<'a> Option<&'a str>: ToSql<Nullable<Text>, DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        if !self.is_kept {
            out.unsafe_to_cache_prepared();
        }
        for (value, text) in &self.pieces {
            if let Some(value) = value {
                out.push_bind_param::<Nullable<Text>, _>(*value)?;
            }
            out.push_sql(text);
        }
        Ok(())
    }
}

impl QueryId for Bound<'_> {
    type QueryId = ();

    const HAS_STATIC_QUERY_ID: bool = false;
}

impl Query for Bound<'_> {
    type SqlType = Untyped;
}

impl<C> RunQueryDsl<C> for Bound<'_> {}

#[cfg(test)]
mod tests {
    use diesel::debug_query;

    use super::{Bound, Pg, Sqlite};

    #[test]
    fn numbered_parameters_are_written_as_each_engine_wants_them() {
        let values = [Some("a"), None];
        let cases = [
            ("SELECT $1, $2", "SELECT $1, $2", "SELECT ?, ?", r#"[Some("a"), None]"#),
            (
                "SELECT $2, '$', $1 || $1, $9",
                "SELECT $1, '$', $2 || $3, $9",
                "SELECT ?, '$', ? || ?, $9",
                r#"[None, Some("a"), Some("a")]"#,
            ),
            ("SELECT 1", "SELECT 1", "SELECT 1", "[]"),
        ];
        for (sql, postgres, sqlite, sent) in cases {
            let query = Bound::new(sql, &values, true);
            assert_eq!(debug_query::<Pg, _>(&query).to_string(), format!("{postgres} -- binds: {sent}"));
            assert_eq!(debug_query::<Sqlite, _>(&query).to_string(), format!("{sqlite} -- binds: {sent}"));
        }
    }
}
