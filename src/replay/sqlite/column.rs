//! `CREATE TABLE` and `ADD COLUMN`: column definitions and constraints as catalog values. Texts of
//! expressions are cut from the statement, because the tree has no spans.

use std::collections::VecDeque;

use super::{ident, same};
use crate::catalog::{
    Action, AutoValue, Check, Column, Deferrable, Expr, ForeignKey, Generated, Name, PrimaryKey, SqlType, Table, Unique,
};
use crate::dialect::Dialect;
use crate::sql::sqlite::ast::{
    self, ColumnConstraint, ColumnDefinition, DeferSubclause, ForeignKeyClause, InitDeferredPred, NamedTableConstraint,
    RefAct, RefArg, TabFlags, TableConstraint,
};
use crate::sql::sqlite::{self, Token};

/// Fills a table with definitions; the texts of its expressions come in the order of the
/// statement, which is the order of the tree.
pub(super) struct Builder<'t> {
    pub(super) table: &'t mut Table,
    texts: VecDeque<String>,
    /// `PRIMARY KEY DESC` behind a column, which is never a rowid alias
    /// (sqlite.org/lang_createtable.html section 5).
    descending_key: bool,
}

impl<'t> Builder<'t> {
    /// `depth` is the number of parentheses around the definitions in `sql`.
    pub(super) fn new(table: &'t mut Table, sql: &str, depth: usize) -> Self {
        Self { table, texts: expression_texts(sql, depth), descending_key: false }
    }

    fn text(&mut self) -> Expr {
        Expr::new(self.texts.pop_front().unwrap_or_default())
    }

    pub(super) fn column(&mut self, definition: &ColumnDefinition<'_>) {
        let name = ident(&definition.col_name);
        self.table.columns.push(Column::new(name.clone(), declared_type(definition.col_type.as_ref())).into());
        for constraint in definition.constraints {
            let given = constraint.name.as_ref().map(ident);
            self.column_constraint(&name, given, &constraint.constraint);
        }
    }

    fn column_constraint(&mut self, column: &str, name: Option<String>, constraint: &ColumnConstraint<'_>) {
        match constraint {
            ColumnConstraint::PrimaryKey { order, auto_increment, .. } => {
                self.descending_key = matches!(order, Some(ast::SortOrder::Desc));
                self.primary_key(name, vec![column.to_owned()], *auto_increment);
            }
            // A bare NULL says nothing: sqlite3 lets NOT NULL win.
            ColumnConstraint::NotNull { nullable, .. } => self.last(|c| c.nullable &= *nullable),
            ColumnConstraint::Unique(_) => self.unique(name, vec![column.to_owned()]),
            ColumnConstraint::Check(_) => self.check(name),
            ColumnConstraint::Default(_) => {
                let text = self.text();
                self.last(|c| c.default = Some(text));
            }
            ColumnConstraint::Collate { collation_name } => {
                self.last(|c| c.collation = Some(ident(collation_name)));
            }
            ColumnConstraint::ForeignKey { clause, .. } => {
                self.table.foreign_keys.push(foreign_key(name, vec![column.to_owned()], clause));
            }
            // Stands behind the REFERENCES that it belongs to.
            ColumnConstraint::Defer(clause) => {
                if let Some(key) = self.table.foreign_keys.last_mut() {
                    key.deferrable = deferrable(clause);
                }
            }
            ColumnConstraint::Generated { typ, .. } => {
                let expr = self.text();
                let stored = typ.as_ref().is_some_and(|typ| same(typ.0, "stored"));
                self.last(|c| c.generated = Some(Generated { expr, stored }));
            }
        }
    }

    fn last(&mut self, change: impl FnOnce(&mut Column)) {
        if let Some(column) = self.table.columns.last_mut() {
            change(column);
        }
    }

    pub(super) fn constraint(&mut self, named: &NamedTableConstraint<'_>) {
        let name = named.name.as_ref().map(ident);
        match &named.constraint {
            TableConstraint::PrimaryKey { columns, auto_increment, .. } => {
                let columns = self.key_columns(columns);
                self.primary_key(name, columns, *auto_increment);
            }
            TableConstraint::Unique { columns, .. } => {
                let columns = self.key_columns(columns);
                self.unique(name, columns);
            }
            TableConstraint::Check(..) => self.check(name),
            TableConstraint::ForeignKey { columns, clause, defer_clause } => {
                let columns = columns.iter().map(|c| self.spelling(&ident(&c.col_name))).collect();
                let mut key = foreign_key(name, columns, clause);
                key.deferrable = defer_clause.as_ref().map(deferrable).unwrap_or_default();
                self.table.foreign_keys.push(key);
            }
        }
    }

    fn key_columns(&self, columns: &[ast::SortedColumn<'_>]) -> Vec<String> {
        columns.iter().filter_map(|c| column_name(&c.expr)).map(|name| self.spelling(&name)).collect()
    }

    /// A column's name as its definition spells it.
    fn spelling(&self, name: &str) -> String {
        self.table.column(name, Dialect::Sqlite).map_or_else(|| name.to_owned(), |c| c.name.clone())
    }

    fn primary_key(&mut self, name: Option<String>, columns: Vec<String>, auto_increment: bool) {
        if auto_increment
            && let [column] = columns.as_slice()
            && let Some(column) = self.table.column_mut(column, Dialect::Sqlite)
        {
            column.auto = Some(AutoValue::Increment);
        }
        self.table.primary_key = Some(PrimaryKey { name, columns });
    }

    fn unique(&mut self, name: Option<String>, columns: Vec<String>) {
        self.table.uniques.push(Unique { name, columns, nulls_not_distinct: false, deferrable: Deferrable::No });
    }

    fn check(&mut self, name: Option<String>) {
        let expr = self.text();
        self.table.checks.push(Check { name, expr, valid: true });
    }

    /// What follows from all definitions together.
    pub(super) fn finish(self, flags: TabFlags) {
        let table = self.table;
        table.options.strict = flags.contains(TabFlags::Strict);
        table.options.without_rowid = flags.contains(TabFlags::WithoutRowid);
        let key = table.key_columns().to_vec();
        let alias = !self.descending_key && is_rowid_alias(table);
        if alias || table.options.strict || table.options.without_rowid {
            for column in table.columns.iter_mut().filter(|c| key.contains(&c.name)) {
                column.nullable = false;
            }
        }
        drop_redundant_uniques(table, if alias { &[] } else { &key });
    }
}

/// `INTEGER PRIMARY KEY` in a rowid table: sqlite.org/lang_createtable.html section 5.
fn is_rowid_alias(table: &Table) -> bool {
    let [column] = table.key_columns() else {
        return false;
    };
    let integer = SqlType::new("INTEGER", Dialect::Sqlite);
    !table.options.without_rowid && table.column(column, Dialect::Sqlite).is_some_and(|c| c.ty == integer)
}

/// SQLite keeps one index for equal keys and forgets the second constraint.
fn drop_redundant_uniques(table: &mut Table, key: &[String]) {
    let mut seen = vec![key.to_vec()];
    table.uniques.retain(|unique| {
        let new = !seen.contains(&unique.columns);
        seen.push(unique.columns.clone());
        new
    });
}

fn declared_type(ty: Option<&ast::Type<'_>>) -> SqlType {
    let Some(ty) = ty else {
        return SqlType::new("", Dialect::Sqlite);
    };
    // The parser prints a space behind a sign.
    let number = |size: &ast::Expr<'_>| size.to_string().replace(' ', "");
    let args = match &ty.size {
        None => Vec::new(),
        Some(ast::TypeSize::MaxSize(size)) => vec![number(size)],
        Some(ast::TypeSize::TypeSize(size, scale)) => vec![number(size), number(scale)],
    };
    SqlType::with_args(ty.name, args, 0, Dialect::Sqlite)
}

fn foreign_key(name: Option<String>, columns: Vec<String>, clause: &ForeignKeyClause<'_>) -> ForeignKey {
    let ref_columns = clause.columns.unwrap_or_default().iter().map(|c| ident(&c.col_name)).collect();
    let mut key = ForeignKey { name, ..ForeignKey::new(columns, Name::new(ident(&clause.tbl_name)), ref_columns) };
    for arg in clause.args {
        match arg {
            RefArg::OnDelete(act) => key.on_delete = action(*act),
            RefArg::OnUpdate(act) => key.on_update = action(*act),
            // Read and ignored by SQLite: sqlite.org/foreignkeys.html section 6.
            RefArg::OnInsert(_) | RefArg::Match(_) => {}
        }
    }
    key
}

fn action(act: RefAct) -> Action {
    match act {
        RefAct::SetNull => Action::SetNull,
        RefAct::SetDefault => Action::SetDefault,
        RefAct::Cascade => Action::Cascade,
        RefAct::Restrict => Action::Restrict,
        RefAct::NoAction => Action::NoAction,
    }
}

fn deferrable(clause: &DeferSubclause) -> Deferrable {
    match (clause.deferrable, clause.init_deferred) {
        (false, _) => Deferrable::No,
        (true, Some(InitDeferredPred::InitiallyDeferred)) => Deferrable::InitiallyDeferred,
        (true, _) => Deferrable::InitiallyImmediate,
    }
}

/// The column that an expression of a key consists of; strings count, as in SQLite.
pub(super) fn column_name(expr: &ast::Expr<'_>) -> Option<String> {
    match expr {
        ast::Expr::Id(ast::Id(name))
        | ast::Expr::Name(ast::Name(name))
        | ast::Expr::Literal(ast::Literal::String(name)) => Some(sqlite::unquote(name).into_owned()),
        ast::Expr::Collate(inner, _) => column_name(inner),
        _ => None,
    }
}

/// The texts behind DEFAULT, CHECK and AS inside of that many parentheses, in their order. The
/// three words are reserved, so that a bare one is never a name.
fn expression_texts(sql: &str, depth: usize) -> VecDeque<String> {
    let tokens = sqlite::significant(sql).unwrap_or_default();
    let mut texts = VecDeque::new();
    let mut open = 0;
    let mut at = 0;
    while at < tokens.len() {
        let token = &tokens[at];
        let span = if open != depth || (at > 0 && tokens[at - 1].is_word("set")) {
            None
        } else if token.is_word("default") {
            Some((at + 1, default_end(&tokens, at + 1)))
        } else if token.is_any_word(&["check", "as"]) && tokens.get(at + 1).is_some_and(|t| t.is_symbol("(")) {
            Some((at + 2, closing(&tokens, at + 1)))
        } else {
            None
        };
        if let Some((from, to)) = span {
            texts.push_back(cut(sql, &tokens[from..to]));
            // A closing parenthesis behind CHECK or AS is not counted, as its opening one is not.
            at = if token.is_word("default") { to } else { to + 1 };
            continue;
        }
        if token.is_symbol("(") {
            open += 1;
        } else if token.is_symbol(")") {
            open = open.saturating_sub(1);
        }
        at += 1;
    }
    texts
}

/// The end of a default value: parenthesised, or a single token with or without a sign.
fn default_end(tokens: &[Token<'_>], at: usize) -> usize {
    let end = match tokens.get(at) {
        Some(token) if token.is_symbol("(") => closing(tokens, at) + 1,
        Some(token) if token.is_symbol("-") || token.is_symbol("+") => at + 2,
        _ => at + 1,
    };
    end.min(tokens.len())
}

/// The parenthesis that closes the one at `at`; the end where there is none.
pub(super) fn closing(tokens: &[Token<'_>], at: usize) -> usize {
    let mut depth = 0_usize;
    for (index, token) in tokens.iter().enumerate().skip(at) {
        if token.is_symbol("(") {
            depth += 1;
        } else if token.is_symbol(")") {
            depth = depth.saturating_sub(1);
        }
        if depth == 0 {
            return index;
        }
    }
    tokens.len()
}

/// The text of these tokens as written, without comments between them.
pub(super) fn cut(sql: &str, tokens: &[Token<'_>]) -> String {
    let mut text = String::new();
    let mut end = None;
    for token in tokens {
        if let Some(end) = end {
            let gap = &sql[end..token.offset];
            text.push_str(if gap.trim().is_empty() { gap } else { " " });
        }
        text.push_str(token.text);
        end = Some(token.end());
    }
    text
}
