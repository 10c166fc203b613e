//! What cannot be read as DDL: DO blocks, calls of functions that run DDL, the search path.

use super::Replay;
use super::cursor::{Cursor, Postgres};
use crate::catalog::{Name, Table, Trigger};
use crate::replay::text::touched;
use crate::sql::postgres::{Token, TokenKind, ident, tokens};

impl Replay<'_> {
    /// A DO block is followed no further than the names of the tables that it may change.
    pub(super) fn do_block(&mut self, cx: Cursor<'_>) {
        let body = cx.remaining().iter().find_map(Token::value).unwrap_or_default();
        if let Some(touched) = touched::<Postgres>(&body) {
            self.doubt(touched, "a DO block changes the schema");
        }
    }

    /// A query may make a table, or call a function whose body runs DDL.
    pub(super) fn calls(&mut self, cx: &Cursor<'_>) {
        self.select_into(cx.clone());
        let tokens = cx.remaining();
        for (at, token) in tokens.iter().enumerate() {
            if token.kind != TokenKind::Word || tokens.get(at + 1).is_none_or(|t| t.text != "(") {
                continue;
            }
            let name = ident(token.text);
            let argument = tokens.get(at + 2).and_then(Token::value);
            if name == "diesel_manage_updated_at" {
                self.manage_updated_at(argument);
            } else if name == "set_config" {
                self.set_config(argument, tokens.get(at + 4).and_then(Token::value));
            } else {
                self.call(&name, argument);
            }
        }
    }

    /// `SELECT … INTO t`.
    fn select_into(&mut self, query: Cursor<'_>) {
        let mut cx = query.clone();
        while !cx.is_done() && !cx.is("into") {
            cx.skip_one();
        }
        cx.eat("into");
        let temporary = cx.eat_any(&["temporary", "temp"]);
        let unlogged = cx.eat("unlogged");
        cx.eat("table");
        let Some(name) = cx.name() else { return };
        if temporary {
            self.temporary.insert(name);
            return;
        }
        let mut table = Table::new(name.clone());
        table.options.unlogged = unlogged;
        self.catalog.tables.insert(name.clone(), table.into());
        // The verb is behind the cursor.
        let start = Cursor::new(query.whole());
        self.columns_of_query(&name, Vec::new(), start);
    }

    fn call(&mut self, name: &str, argument: Option<String>) {
        let prefix = format!("{name}(");
        let body = self.catalog.functions.values().find(|f| f.name.name.starts_with(&prefix)).map(|f| f.sql.clone());
        let Some(body) = body else { return };
        let text: String = tokens(&body).iter().filter_map(Token::value).collect::<Vec<_>>().join("\n");
        let Some(mut touched) = touched::<Postgres>(&text) else { return };
        // A table is often given by its name.
        touched.objects.extend(argument.map(Name::new).filter(|name| self.catalog.tables.contains_key(name)));
        self.doubt(touched, format!("the function {name} changes the schema"));
    }

    /// The function of Diesel's own first migration: a trigger that keeps `updated_at`
    /// (diesel_cli's setup migration for PostgreSQL).
    fn manage_updated_at(&mut self, table: Option<String>) {
        let Some(table) = table.map(Name::new) else { return };
        let sql = format!(
            "CREATE TRIGGER set_updated_at BEFORE UPDATE ON {} FOR EACH ROW EXECUTE PROCEDURE diesel_set_updated_at()",
            table.name
        );
        if let Some(found) = self.catalog.table_mut(&table) {
            let function = Some(Name::new("diesel_set_updated_at"));
            found.triggers.push(Trigger { name: "set_updated_at".to_owned(), sql, function });
        }
    }

    /// `SET search_path …`: where unqualified names go from here on.
    pub(super) fn set(&mut self, mut cx: Cursor<'_>) {
        cx.eat_any(&["session", "local"]);
        if !cx.eat("search_path") {
            return;
        }
        cx.next();
        let first = match cx.next() {
            Some(token) => token.value().unwrap_or_else(|| ident(token.text)),
            None => String::new(),
        };
        self.search_path(&first);
    }

    fn set_config(&mut self, setting: Option<String>, value: Option<String>) {
        if setting.as_deref() == Some("search_path") {
            let first = value.unwrap_or_default();
            self.search_path(first.split(',').next().unwrap_or_default().trim());
        }
    }

    /// An empty path (pg_dump) makes every later name qualified.
    fn search_path(&mut self, first: &str) {
        if !matches!(first, "" | "public" | "\"$user\"" | "$user" | "default" | "pg_catalog") {
            self.doubt([], format!("the search path begins with {first} from here on"));
        }
    }
}
