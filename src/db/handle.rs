//! The engines' connections behind one type: statements and rows of text, and nothing that only one
//! of them can. Diesel's types do not leave it; only the runner looks inside.

use std::borrow::Cow;

use diesel::backend::Backend;
use diesel::connection::SimpleConnection;
#[cfg(feature = "mysql")]
use diesel::mysql::MysqlConnection;
use diesel::pg::PgConnection;
use diesel::prelude::*;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::serialize::ToSql;
use diesel::sql_types::{HasSqlType, Nullable, Text};
use diesel::sqlite::SqliteConnection;

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
    row: Option<String>,
}

/// A row of `SHOW CREATE`, whose columns have names with a space, which the derive refuses.
#[cfg(feature = "mysql")]
struct Created(String);

#[cfg(feature = "mysql")]
impl QueryableByName<diesel::mysql::Mysql> for Created {
    fn build<'a>(row: &impl diesel::row::NamedRow<'a, diesel::mysql::Mysql>) -> diesel::deserialize::Result<Self> {
        let columns = ["Create Table", "Create View", "Create Sequence"];
        let found = columns.iter().find_map(|column| diesel::row::NamedRow::get::<Text, String>(row, column).ok());
        found.map(Self).ok_or_else(|| "SHOW CREATE has no column that is known".into())
    }
}

impl Handle {
    /// Prepares no statement by name: behind a pooler, the next one may run in another session.
    pub(super) fn prepare_nothing(&mut self) {
        with_connection!(self, c => c.set_prepared_statement_cache_size(diesel::connection::CacheSize::Disabled));
    }

    /// Runs one or several statements, without results.
    pub(super) fn batch(&mut self, sql: &str) -> QueryResult<()> {
        with_connection!(self, c => c.batch_execute(sql))
    }

    /// Runs one statement with text parameters; the number of rows it changed.
    pub(super) fn execute(&mut self, sql: &str, values: &[Option<&str>]) -> QueryResult<usize> {
        let (sql, values) = self.placeholders(sql, values);
        with_connection!(self, c => bound(&sql, &values).execute(c.as_mut()))
    }

    /// The rows of a query with one text column called `row`.
    pub(super) fn texts(&mut self, sql: &str, values: &[Option<&str>]) -> QueryResult<Vec<Option<String>>> {
        let (sql, values) = self.placeholders(sql, values);
        let rows: Vec<TextRow> = with_connection!(self, c => bound(&sql, &values).load(c.as_mut()))?;
        Ok(rows.into_iter().map(|row| row.row).collect())
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

    /// The statement and its values as the engine wants them.
    fn placeholders<'a>(
        &self,
        sql: &'a str,
        values: &'a [Option<&'a str>],
    ) -> (Cow<'a, str>, Cow<'a, [Option<&'a str>]>) {
        match self {
            Self::Postgres(_) | Self::Sqlite(_) => (Cow::Borrowed(sql), Cow::Borrowed(values)),
            #[cfg(feature = "mysql")]
            Self::Mysql(_) => {
                let (sql, values) = question_marks(sql, values);
                (Cow::Owned(sql), Cow::Owned(values))
            }
        }
    }
}

fn bound<'a, DB>(sql: &str, values: &[Option<&'a str>]) -> BoxedSqlQuery<'a, DB, SqlQuery>
where
    DB: Backend + HasSqlType<Text>,
    Option<&'a str>: ToSql<Nullable<Text>, DB>,
{
    let query = diesel::sql_query(sql).into_boxed::<DB>();
    values.iter().fold(query, |query, value| query.bind::<Nullable<Text>, _>(*value))
}

/// MySQL counts its `?`: a value that is named twice is sent twice. No text of ours has a `$` that
/// is followed by a digit and means something else.
#[cfg(any(feature = "mysql", test))]
fn question_marks<'a>(sql: &str, values: &[Option<&'a str>]) -> (String, Vec<Option<&'a str>>) {
    let mut pieces = sql.split('$');
    let mut text = pieces.next().unwrap_or_default().to_owned();
    let mut sent = Vec::new();
    for piece in pieces {
        let digits = piece.bytes().take_while(u8::is_ascii_digit).count();
        let named: Option<usize> = piece[..digits].parse().ok();
        if let Some(value) = named.and_then(|number| values.get(number.checked_sub(1)?)) {
            sent.push(*value);
            text.push('?');
            text.push_str(&piece[digits..]);
        } else {
            text.push('$');
            text.push_str(piece);
        }
    }
    (text, sent)
}

#[cfg(test)]
mod tests {
    use super::question_marks;

    #[test]
    fn numbered_parameters_become_question_marks() {
        let values = [Some("a"), None];
        let cases = [
            ("SELECT $1, $2", "SELECT ?, ?", vec![Some("a"), None]),
            ("SELECT $2, '$', $1 || $1", "SELECT ?, '$', ? || ?", vec![None, Some("a"), Some("a")]),
            ("SELECT 1", "SELECT 1", vec![]),
        ];
        for (sql, expected, sent) in cases {
            assert_eq!(question_marks(sql, &values), (expected.to_owned(), sent), "{sql}");
        }
    }
}
