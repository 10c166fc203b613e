//! Views, functions, triggers and comments.

use super::Replay;
use super::cursor::Cursor;
use crate::catalog::{Commented, Function, Name, SqlType, Table, Trigger, View, rename_identifier};
use crate::dialect::Dialect;
use crate::replay::text::relations_in;
use crate::sql::postgres::{self, create, mentions, tokens};

impl Replay<'_> {
    pub(super) fn create_view(&mut self, mut cx: Cursor<'_>, sql: &str, materialized: bool, replace: bool) {
        let tolerant = cx.if_not_exists();
        let Some(name) = cx.name() else { return };
        if self.catalog.views.contains_key(&name) && !replace {
            return self.exists("view", &name, tolerant);
        }
        let depends_on = relations_in(&cx, self.catalog);
        let view =
            View { name: name.clone(), materialized, sql: create(sql), depends_on, indexes: Vec::new(), comment: None };
        self.catalog.views.insert(name, view);
    }

    pub(super) fn alter_view(&mut self, mut cx: Cursor<'_>) {
        let tolerant = cx.if_exists();
        let Some(name) = cx.name() else { return };
        if !self.catalog.views.contains_key(&name) {
            return self.unknown("alters", "view", &name, tolerant);
        }
        self.alter_view_named(&name, cx);
    }

    pub(super) fn alter_view_named(&mut self, name: &Name, mut cx: Cursor<'_>) {
        let to = if cx.eat_all(&["rename", "to"]) {
            cx.ident().map(|new| name.with_name(new))
        } else if cx.eat_all(&["set", "schema"]) {
            cx.ident().map(|schema| Name::qualified(schema, name.name.clone()))
        } else {
            None
        };
        if let Some(to) = to {
            self.rename_relation(name, &to);
        } else if cx.eat("rename") {
            cx.eat("column");
            if let (Some(from), true, Some(to)) = (cx.ident(), cx.eat("to"), cx.ident()) {
                let lost = postgres::rename_view_column(self.catalog, name, &from, &to);
                self.doubt_lost(lost, &format!("column {name}.{from}"));
            }
        }
    }

    pub(super) fn drop_view(&mut self, mut cx: Cursor<'_>, tolerant: bool, cascade: bool) {
        let Some(name) = cx.name() else { return };
        if self.catalog.views.remove(&name).is_none() {
            return self.unknown("drops", "view", &name, tolerant);
        }
        if cascade {
            self.drop_dependent_views(&name);
        }
    }

    /// Views that build on a relation that is gone, and those that build on them.
    pub(super) fn drop_dependent_views(&mut self, gone: &Name) {
        let hit: Vec<Name> =
            self.catalog.views.values().filter(|v| v.depends_on.contains(gone)).map(|v| v.name.clone()).collect();
        for name in hit {
            self.catalog.views.remove(&name);
            self.drop_dependent_views(&name);
        }
    }

    /// Views that use a column that is dropped. Of a view of several tables it is not known whose
    /// column of that name it uses.
    pub(super) fn drop_views_of_column(&mut self, table: &Name, column: &str) {
        let uses = |v: &&View| v.depends_on.contains(table) && (mentions(&v.sql, column) || v.sql.contains('*'));
        let hit: Vec<View> = self.catalog.views.values().filter(uses).cloned().collect();
        for view in hit {
            if view.depends_on.len() == 1 && mentions(&view.sql, column) {
                self.catalog.views.remove(&view.name);
                self.drop_dependent_views(&view.name);
            } else {
                self.doubt(
                    [view.name.clone()],
                    format!("view {} may use {table}.{column}, which is dropped", view.name),
                );
            }
        }
    }

    pub(super) fn create_function(&mut self, mut cx: Cursor<'_>, sql: &str) {
        let Some(name) = cx.name() else { return };
        let name = signature(&name, &mut cx);
        self.catalog.functions.insert(name.clone(), Function { name, sql: create(sql) });
    }

    pub(super) fn alter_function(&mut self, mut cx: Cursor<'_>) {
        let Some(bare) = cx.name() else { return };
        let Some(old) = self.function_key(&bare, &mut cx) else { return };
        let arguments = old.name.split_once('(').map_or(String::new(), |(_, rest)| format!("({rest}"));
        if cx.eat_all(&["rename", "to"]) {
            if let Some(new) = cx.ident() {
                self.rename_function(&old, &old.with_name(format!("{new}{arguments}")));
            }
        } else if cx.eat_all(&["set", "schema"])
            && let Some(schema) = cx.ident()
        {
            self.rename_function(&old, &Name::qualified(schema, old.name.clone()));
        }
    }

    /// Renames a function with its arguments; triggers call it by its new name.
    pub(super) fn rename_function(&mut self, from: &Name, to: &Name) {
        let Some(mut function) = self.catalog.functions.remove(from) else { return };
        let bare = |name: &Name| name.with_name(name.name.split('(').next().unwrap_or_default());
        let (old, new) = (bare(from), bare(to));
        function.name = to.clone();
        function.sql = rename_identifier(&function.sql, &old.name, &new.name);
        self.catalog.functions.insert(to.clone(), function);
        let key = Commented::Function(from.clone());
        self.catalog.move_comments(|on| (*on == key).then(|| Commented::Function(to.clone())));
        let overloaded = self.function_named(&old).is_some();
        let lost = postgres::rename_function(self.catalog, &old, &new, overloaded);
        self.doubt_lost(lost, &format!("function {old}"));
        for trigger in self.catalog.tables_mut(|t| calls(t, &old)).flat_map(|t| &mut t.triggers) {
            if trigger.function.as_ref() == Some(&old) {
                let at = trigger.sql.to_ascii_lowercase().rfind("execute").unwrap_or(0);
                let (head, _) = trigger.sql.split_at(at);
                let arguments = trigger.sql[at..].find('(').map_or("()", |open| &trigger.sql[at + open..]);
                trigger.sql = format!("{head}EXECUTE FUNCTION {}{arguments}", new.sql(Dialect::Postgres));
                trigger.function = Some(new.clone());
            }
        }
    }

    pub(super) fn drop_function(&mut self, mut cx: Cursor<'_>, tolerant: bool, cascade: bool) {
        let Some(bare) = cx.name() else { return };
        let Some(key) = self.function_key(&bare, &mut cx) else {
            return self.unknown("drops", "function", &bare, tolerant);
        };
        self.catalog.functions.remove(&key);
        if cascade {
            let callers = self.catalog.tables_mut(|t| calls(t, &bare));
            callers.for_each(|table| table.triggers.retain(|t| t.function.as_ref() != Some(&bare)));
        }
    }

    /// The function meant by a name with or without arguments.
    fn function_key(&self, bare: &Name, cx: &mut Cursor<'_>) -> Option<Name> {
        if cx.is("(") {
            let exact = signature(bare, cx);
            if self.catalog.functions.contains_key(&exact) {
                return Some(exact);
            }
        }
        self.function_named(bare)
    }

    /// A function of that name, whatever its arguments are.
    fn function_named(&self, bare: &Name) -> Option<Name> {
        let prefix = format!("{}(", bare.name);
        self.catalog.functions.keys().find(|key| key.schema == bare.schema && key.name.starts_with(&prefix)).cloned()
    }

    pub(super) fn create_trigger(&mut self, mut cx: Cursor<'_>, sql: &str) {
        let Some(name) = cx.ident() else { return };
        // `UPDATE OF a, b ON t`: the table stands behind the last ON before the rest begins.
        cx.text_until(&["on"]);
        cx.eat("on");
        let Some(table) = cx.name() else { return };
        // A trigger of the whole statement may have nothing in between.
        if !cx.is("execute") {
            cx.text_until(&["execute"]);
        }
        cx.eat("execute");
        cx.next();
        let function = cx.name();
        let trigger = Trigger { name: name.clone(), sql: without_replace(sql), function };
        if let Some(found) = self.catalog.table_mut(&table) {
            found.triggers.retain(|t| t.name != name);
            found.triggers.push(trigger);
        } else if !self.catalog.views.contains_key(&table) {
            self.unknown("adds a trigger to", "table", &table, false);
        }
    }

    pub(super) fn alter_trigger(&mut self, mut cx: Cursor<'_>) {
        let Some(name) = cx.ident() else { return };
        cx.eat("on");
        let Some(table_name) = cx.name() else { return };
        if !cx.eat_all(&["rename", "to"]) {
            return;
        }
        if let (Some(new), Some(table)) = (cx.ident(), self.catalog.table_mut(&table_name)) {
            for trigger in table.triggers.iter_mut().filter(|t| t.name == name) {
                trigger.sql = with_new_name(&trigger.sql, &new);
                trigger.name.clone_from(&new);
            }
            let of = |trigger: &str| Commented::Trigger(table_name.clone(), trigger.to_owned());
            self.catalog.move_comments(|on| (*on == of(&name)).then(|| of(&new)));
        }
    }

    pub(super) fn drop_trigger(&mut self, mut cx: Cursor<'_>, tolerant: bool) {
        let Some(name) = cx.ident() else { return };
        cx.eat("on");
        let Some(table) = cx.name() else { return };
        if self.catalog.views.contains_key(&table) {
            return;
        }
        let dropped = self.catalog.table_mut(&table).is_some_and(|found| {
            let before = found.triggers.len();
            found.triggers.retain(|t| t.name != name);
            found.triggers.len() < before
        });
        if !dropped {
            let reason = format!("drops trigger {name} of {table}, which no earlier revision creates");
            if !tolerant {
                self.doubt([table], reason);
            }
        }
    }

    pub(super) fn comment(&mut self, mut cx: Cursor<'_>) {
        cx.eat("on");
        cx.eat("materialized");
        let Some(kind) = cx.next() else { return };
        let mut path = cx.path();
        // The arguments of a function, the table of a trigger.
        let mut rest = cx.clone();
        if !cx.is("is") {
            cx.text_until(&["is"]);
        }
        let Some(last) = path.pop() else { return };
        // An empty comment is none.
        let text = if cx.eat("is") { cx.next().and_then(|t| t.value()).filter(|t| !t.is_empty()) } else { None };
        let qualified = |path: &mut Vec<String>, name: String| match path.pop() {
            Some(schema) => Name::qualified(schema, name),
            None => Name::new(name),
        };
        match kind.text.to_ascii_lowercase().as_str() {
            "table" => {
                if let Some(table) = self.catalog.table_mut(&qualified(&mut path, last)) {
                    table.comment = text;
                }
            }
            "column" => {
                let Some(table) = path.pop() else { return };
                let table = qualified(&mut path, table);
                self.with_column(&table, &last, |c| c.comment = text);
            }
            "type" => {
                let name = qualified(&mut path, last);
                if let Some(ty) = self.catalog.enums.get_mut(&name) {
                    ty.comment = text;
                } else if self.catalog.domains.contains_key(&name) {
                    self.catalog.set_comment(Commented::Domain(name), text);
                }
            }
            "view" => {
                if let Some(view) = self.catalog.views.get_mut(&qualified(&mut path, last)) {
                    view.comment = text;
                }
            }
            kind => {
                let name = qualified(&mut path, last);
                if let Some(on) = self.commented(kind, name, &mut rest) {
                    self.catalog.set_comment(on, text);
                }
            }
        }
    }

    /// What a comment is on that is kept by itself; `rest` stands behind the name.
    fn commented(&self, kind: &str, name: Name, rest: &mut Cursor<'_>) -> Option<Commented> {
        let on = |rest: &mut Cursor<'_>, part: fn(Name, String) -> Commented| {
            rest.eat("on");
            rest.name().map(|table| part(table, name.name.clone()))
        };
        match kind {
            "domain" => Some(Commented::Domain(name)),
            "sequence" => Some(Commented::Sequence(name)),
            "schema" => Some(Commented::Schema(name.name)),
            "index" => Some(Commented::Index(name)),
            "function" | "procedure" | "routine" => self.function_key(&name, rest).map(Commented::Function),
            "constraint" => on(rest, Commented::Constraint),
            "trigger" => on(rest, Commented::Trigger),
            "policy" => on(rest, Commented::Policy),
            _ => None,
        }
    }
}

/// A `CREATE TRIGGER` statement with another name of the trigger.
fn with_new_name(sql: &str, name: &str) -> String {
    let tokens = tokens(sql);
    let old = tokens.iter().skip_while(|t| !t.is("trigger")).nth(1);
    let Some(old) = old else { return sql.to_owned() };
    let (head, tail) = (&sql[..old.offset], &sql[old.offset + old.text.len()..]);
    format!("{head}{}{tail}", Dialect::Postgres.quote(name))
}

/// A function's name with the types of its input arguments, as the server tells functions apart.
fn signature(name: &Name, cx: &mut Cursor<'_>) -> Name {
    let arguments = cx.group().map(|g| g.parts()).unwrap_or_default();
    let types: Vec<String> = arguments.into_iter().filter_map(argument_type).collect();
    name.with_name(format!("{}({})", name.name, types.join(", ")))
}

/// `[mode] [name] type [DEFAULT …]`; nothing for an OUT argument.
fn argument_type(mut cx: Cursor<'_>) -> Option<String> {
    if cx.is("out") && !cx.is_at(1, ",") && cx.remaining().len() > 1 {
        return None;
    }
    if cx.remaining().len() > 1 {
        cx.eat_any(&["in", "inout", "variadic"]);
    }
    let words: Vec<&str> = cx.remaining().iter().map(|t| t.text).collect();
    let end =
        words.iter().position(|w| w.eq_ignore_ascii_case("default") || *w == "=" || *w == ":=").unwrap_or(words.len());
    // Types of several words begin with one of these; anything else before a word is a name.
    let multi = ["double", "character", "timestamp", "time", "bit", "national", "interval"];
    let named = end > 1
        && words[1].starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '"')
        && !(multi.contains(&words[0].to_ascii_lowercase().as_str())
            && ["precision", "varying", "with", "without", "character", "char"]
                .contains(&words[1].to_ascii_lowercase().as_str()));
    if named {
        cx.next();
    }
    // Functions are told apart without the modifiers of types.
    let ty = cx.sql_type(&["default", "=", ":="]);
    Some(SqlType { args: Vec::new(), ..ty }.to_string())
}

/// `CREATE OR REPLACE` makes what `CREATE` makes, and the server remembers only that.
fn without_replace(sql: &str) -> String {
    let mut rest = sql.trim_start();
    for word in ["create", "or", "replace"] {
        match rest.get(..word.len()) {
            Some(head) if head.eq_ignore_ascii_case(word) => rest = rest[word.len()..].trim_start(),
            _ => return sql.to_owned(),
        }
    }
    format!("CREATE {rest}")
}

fn calls(table: &Table, function: &Name) -> bool {
    table.triggers.iter().any(|trigger| trigger.function.as_ref() == Some(function))
}
