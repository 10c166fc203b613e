//! `CREATE` and `DROP` of tables, virtual tables, views, indexes and triggers.

use super::column::{Builder, closing, column_name, cut};
use super::{Replay, ident, rename, same};
use crate::catalog::{Column, Expr, Index, IndexKey, IndexPart, Name, Shared, SqlType, Table, Trigger, View};
use crate::dialect::Dialect;
use crate::sql::sqlite::ast::{self, CreateTableBody, Stmt};
use crate::sql::sqlite::{self, Token};

impl Replay<'_> {
    pub(super) fn create_table(&mut self, name: Name, sql: &str, body: &CreateTableBody<'_>) {
        let mut table = Table::new(name.clone());
        match body {
            CreateTableBody::ColumnsAndConstraints { columns, constraints, flags } => {
                let mut builder = Builder::new(&mut table, sql, 1);
                columns.iter().for_each(|definition| builder.column(definition));
                constraints.unwrap_or_default().iter().for_each(|constraint| builder.constraint(constraint));
                builder.finish(*flags);
            }
            CreateTableBody::AsSelect(select) => match self.selected_columns(select) {
                Some(columns) => table.columns = columns.into_iter().map(Shared::from).collect(),
                None => self.doubt([name.clone()], format!("the columns of {name} are those of a query")),
            },
        }
        self.catalog.tables.insert(name, table.into());
    }

    /// The columns of a query that takes them from one table; `None` where it is another query.
    fn selected_columns(&self, select: &ast::Select<'_>) -> Option<Vec<Column>> {
        let ast::OneSelect::Select { columns, from: Some(from), .. } = &select.body.select else {
            return None;
        };
        let Some(ast::SelectTable::Table(source, ..)) = from.select else {
            return None;
        };
        if select.with.is_some() || select.body.compounds.is_some() || from.joins.is_some() {
            return None;
        }
        let source = self.catalog.table(&self.object(source)?)?;
        if self.catalog.doubt(&source.name).is_some() {
            return None;
        }
        let mut selected = Vec::new();
        for column in *columns {
            match column {
                ast::ResultColumn::Star | ast::ResultColumn::TableStar(_) => {
                    selected.extend(source.columns.iter().map(|c| copied_column(c, &c.name)));
                }
                ast::ResultColumn::Expr(expr, alias) => {
                    let column = source.column(&selected_name(expr)?, Dialect::Sqlite)?;
                    let name = match alias {
                        Some(ast::As::As(name) | ast::As::Elided(name)) => ident(name),
                        None => column.name.clone(),
                    };
                    selected.push(copied_column(column, &name));
                }
            }
        }
        Some(selected)
    }

    pub(super) fn create_virtual_table(&mut self, name: Name, sql: &str) {
        let tokens = sqlite::significant(sql).unwrap_or_default();
        let using = tokens.iter().position(|t| t.is_word("using")).map_or(tokens.len(), |at| at + 1);
        let module = cut(sql, &tokens[using..]);
        self.doubt([name.clone()], format!("the module of the virtual table {name} decides about its columns"));
        let mut table = Table::new(name.clone());
        table.options.virtual_module = Some(module);
        self.catalog.tables.insert(name, table.into());
    }

    pub(super) fn create_view(&mut self, name: Name, sql: &str) {
        let tokens = sqlite::significant(sql).unwrap_or_default();
        let view = View {
            name: name.clone(),
            materialized: false,
            sql: stored_text("VIEW", &tokens, sql),
            depends_on: rename::sources(&tokens),
            indexes: Vec::new(),
            comment: None,
        };
        self.catalog.views.insert(name, view);
    }

    pub(super) fn create_index(&mut self, sql: &str, tree: &Stmt<'_>) {
        let Stmt::CreateIndex { unique, if_not_exists, idx_name, tbl_name, columns, where_clause } = tree else {
            return;
        };
        let on_temp = idx_name.db_name.is_none() && self.temp.contains(&ident(tbl_name).to_ascii_lowercase());
        let Some(name) = self.new_object(idx_name, on_temp, *if_not_exists) else {
            return;
        };
        let table = Name::new(ident(tbl_name));
        let Some(table) = self.catalog.table_mut(&table) else {
            return self.unknown("table", table);
        };
        let tokens = sqlite::significant(sql).unwrap_or_default();
        let open = tokens.iter().position(|t| t.is_symbol("(")).unwrap_or(tokens.len());
        let close = closing(&tokens, open);
        let predicate = where_clause.as_ref().and_then(|_| tokens.get(close + 2..)).map(|t| Expr::new(cut(sql, t)));
        let groups = split_at_commas(tokens.get(open + 1..close).unwrap_or_default());
        let parts = groups.iter().zip(*columns).map(|(group, column)| index_part(table, sql, group, column)).collect();
        table.indexes.push(Index {
            name: name.name,
            unique: *unique,
            method: None,
            parts,
            include: Vec::new(),
            predicate,
            nulls_not_distinct: false,
            with: None,
            invalid: false,
        });
    }

    pub(super) fn create_trigger(&mut self, sql: &str, tree: &Stmt<'_>) {
        let Stmt::CreateTrigger { temporary, if_not_exists, trigger_name, tbl_name, .. } = tree else {
            return;
        };
        let name = ident(&trigger_name.name);
        let temporary = *temporary || trigger_name.db_name.as_ref().is_some_and(|schema| same(&ident(schema), "temp"));
        let Some(table) = self.object(tbl_name).filter(|_| !temporary) else {
            self.temp.insert(name.to_ascii_lowercase());
            return;
        };
        if self.table_of_trigger(&name).is_some() {
            if !if_not_exists {
                self.doubt([table], format!("the trigger {name} is created, but existed before"));
            }
            return;
        }
        let tokens = sqlite::significant(sql).unwrap_or_default();
        let trigger = Trigger { name: name.clone(), sql: stored_text("TRIGGER", &tokens, sql), function: None };
        if let Some(table) = self.catalog.table_mut(&table) {
            table.triggers.push(trigger);
        } else if self.catalog.view(&table).is_some() {
            self.doubt([Name::new(name), table], "triggers on views are not compared");
        } else {
            self.unknown("table", table);
        }
    }

    pub(super) fn drop_table(&mut self, name: &ast::QualifiedName<'_>, if_exists: bool) {
        let Some(table) = self.object(name) else {
            self.drop_temp(name);
            return;
        };
        let key = self.catalog.table_key(&table);
        let known = key.and_then(|key| self.catalog.tables.remove(&key)).is_some();
        self.dropped("table", &table, known || if_exists);
    }

    pub(super) fn drop_view(&mut self, name: &ast::QualifiedName<'_>, if_exists: bool) {
        let Some(view) = self.object(name) else {
            self.drop_temp(name);
            return;
        };
        let key = self.catalog.find_key(&self.catalog.views, &view);
        let known = key.and_then(|key| self.catalog.views.remove(&key)).is_some();
        self.dropped("view", &view, known || if_exists);
    }

    pub(super) fn drop_index(&mut self, name: &ast::QualifiedName<'_>, if_exists: bool) {
        let Some(index) = self.object(name) else {
            self.drop_temp(name);
            return;
        };
        let table = self.table_of_index(&index.name);
        let known = table.is_some();
        if let Some(table) = table.and_then(|table| self.catalog.tables.get_mut(&table)) {
            table.indexes.retain(|i| !same(&i.name, &index.name));
        }
        self.dropped("index", &index, known || if_exists);
    }

    pub(super) fn drop_trigger(&mut self, name: &ast::QualifiedName<'_>, if_exists: bool) {
        let Some(trigger) = self.object(name) else {
            self.drop_temp(name);
            return;
        };
        let table = self.table_of_trigger(&trigger.name);
        let known = table.is_some();
        if let Some(table) = table.and_then(|table| self.catalog.tables.get_mut(&table)) {
            table.triggers.retain(|t| !same(&t.name, &trigger.name));
        }
        self.dropped("trigger", &trigger, known || if_exists);
    }

    /// After a drop the object is gone for certain, unless nobody had heard of it.
    fn dropped(&mut self, what: &str, name: &Name, expected: bool) {
        if expected || self.catalog.doubt(name).is_some() {
            self.settle(name);
        } else {
            self.unknown(what, name.clone());
        }
    }

    pub(super) fn table_of_index(&self, index: &str) -> Option<Name> {
        let has = |t: &&Shared<Table>| t.indexes.iter().any(|i| same(&i.name, index));
        self.catalog.tables.values().find(has).map(|t| t.name.clone())
    }

    fn table_of_trigger(&self, trigger: &str) -> Option<Name> {
        let has = |t: &&Shared<Table>| t.triggers.iter().any(|i| same(&i.name, trigger));
        self.catalog.tables.values().find(has).map(|t| t.name.clone())
    }
}

/// The statement as SQLite keeps it in its schema table: without TEMP, IF NOT EXISTS and schema.
fn stored_text(kind: &str, tokens: &[Token<'_>], sql: &str) -> String {
    let mut at = tokens.iter().position(|t| t.is_word(kind)).map_or(0, |at| at + 1);
    let next_is = |at: usize, word: &str| tokens.get(at).is_some_and(|t| t.is_word(word));
    if next_is(at, "if") && next_is(at + 1, "not") && next_is(at + 2, "exists") {
        at += 3;
    }
    if tokens.get(at + 1).is_some_and(|t| t.is_symbol(".")) {
        at += 2;
    }
    format!("CREATE {kind} {}", &sql[tokens.get(at).map_or(0, |t| t.offset)..])
}

fn split_at_commas<'t, 's>(tokens: &'t [Token<'s>]) -> Vec<&'t [Token<'s>]> {
    let mut depth = 0_usize;
    tokens
        .split(|token| {
            if token.is_symbol("(") {
                depth += 1;
            } else if token.is_symbol(")") {
                depth = depth.saturating_sub(1);
            }
            depth == 0 && token.is_symbol(",")
        })
        .collect()
}

fn index_part(table: &Table, sql: &str, tokens: &[Token<'_>], column: &ast::SortedColumn<'_>) -> IndexPart {
    let mut text = tokens;
    while let [rest @ .., last] = text
        && last.is_any_word(&["asc", "desc", "nulls", "first", "last"])
        && !rest.is_empty()
    {
        text = rest;
    }
    let mut collation = None;
    if let ast::Expr::Collate(_, name) = &column.expr {
        collation = Some(sqlite::unquote(name).into_owned());
        text = &text[..text.len().saturating_sub(2)];
    }
    let known = column_name(&column.expr).and_then(|name| table.column(&name, Dialect::Sqlite));
    let key = match (known, column_name(&column.expr)) {
        (Some(known), _) => IndexKey::Column(known.name.clone()),
        // A table whose columns are not known; else a name that is none is a string.
        (None, Some(name)) if table.columns.is_empty() => IndexKey::Column(name),
        _ => IndexKey::Expr(Expr::new(cut(sql, text))),
    };
    let descending = matches!(column.order, Some(ast::SortOrder::Desc));
    IndexPart { key, descending, nulls_first: None, collation, operator_class: None, prefix: None }
}

fn selected_name(expr: &ast::Expr<'_>) -> Option<String> {
    match expr {
        ast::Expr::Id(ast::Id(name)) => Some(sqlite::unquote(name).into_owned()),
        ast::Expr::Name(name) | ast::Expr::Qualified(_, name) => Some(ident(name)),
        _ => None,
    }
}

/// A column of `CREATE TABLE … AS`: a type for the affinity and nothing else
/// (sqlite.org/lang_createtable.html section 2).
fn copied_column(source: &Column, name: &str) -> Column {
    Column::new(name, SqlType::new(affinity(&source.ty.base), Dialect::Sqlite))
}

/// sqlite.org/datatype3.html section 3.1.
fn affinity(declared: &str) -> &'static str {
    let has = |part| declared.contains(part);
    if has("INT") {
        "INT"
    } else if has("CHAR") || has("CLOB") || has("TEXT") {
        "TEXT"
    } else if declared.is_empty() || has("BLOB") {
        ""
    } else if has("REAL") || has("FLOA") || has("DOUB") {
        "REAL"
    } else {
        "NUM"
    }
}
