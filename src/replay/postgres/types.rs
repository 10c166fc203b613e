//! Enum types, domains and schemas.

use super::Replay;
use super::cursor::Cursor;
use super::names::Taken;
use super::table::CONSTRAINT_WORDS;
use crate::catalog::{Catalog, Check, Domain, EnumType, Expr, Name, Table};

impl Replay<'_> {
    /// Composite and range types are not kept: a type that is not known may be one of them.
    pub(super) fn create_type(&mut self, mut cx: Cursor<'_>) {
        let Some(name) = cx.name() else { return };
        if cx.eat_all(&["as", "enum"]) {
            let values =
                cx.group().map(|g| g.remaining().iter().filter_map(crate::sql::postgres::Token::value).collect());
            let ty = EnumType { name: name.clone(), values: values.unwrap_or_default(), comment: None };
            if self.catalog.enums.contains_key(&name) {
                return self.exists("type", &name, false);
            }
            self.catalog.enums.insert(name, ty);
        }
    }

    pub(super) fn alter_type(&mut self, mut cx: Cursor<'_>) {
        let Some(name) = cx.name() else { return };
        if cx.eat_all(&["rename", "to"]) {
            if let Some(new) = cx.ident() {
                self.catalog.rename_type(&name, &name.with_name(new));
            }
        } else if cx.eat_all(&["set", "schema"]) {
            if let Some(schema) = cx.ident() {
                self.catalog.rename_type(&name, &Name::qualified(schema, name.name.clone()));
            }
        } else if cx.eat_all(&["add", "value"]) {
            let tolerant = cx.if_not_exists();
            let Some(value) = cx.next().and_then(|t| t.value()) else { return };
            let before = cx.eat("before");
            let after = !before && cx.eat("after");
            let neighbour = if before || after { cx.next().and_then(|t| t.value()) } else { None };
            let Some(ty) = self.catalog.enums.get_mut(&name) else {
                return self.unknown("alters", "type", &name, false);
            };
            if ty.values.contains(&value) {
                return self.exists("value", &name, tolerant);
            }
            let at = neighbour.and_then(|n| ty.values.iter().position(|v| *v == n));
            let at = at.map_or(ty.values.len(), |at| at + usize::from(after));
            ty.values.insert(at, value);
        } else if cx.eat_all(&["rename", "value"]) {
            let (from, to) =
                (cx.next().and_then(|t| t.value()), cx.eat("to").then(|| cx.next()).flatten().and_then(|t| t.value()));
            if !self.catalog.enums.contains_key(&name) {
                return self.unknown("alters", "type", &name, false);
            }
            if let (Some(from), Some(to)) = (from, to) {
                self.catalog.rename_enum_value(&name, &from, &to);
            }
        }
    }

    pub(super) fn drop_type(&mut self, mut cx: Cursor<'_>, cascade: bool) {
        let Some(name) = cx.name() else { return };
        self.catalog.enums.remove(&name);
        self.catalog.domains.remove(&name);
        if cascade {
            self.forget_type(&name);
        }
    }

    /// Drops the columns of a type that is gone.
    fn forget_type(&mut self, name: &Name) {
        let base = name.to_string();
        let of_type = |t: &Table| -> Vec<(Name, String)> {
            t.columns.iter().filter(|c| c.ty.base == base).map(|c| (t.name.clone(), c.name.clone())).collect()
        };
        for (table, column) in self.catalog.tables.values().flat_map(|t| of_type(t)).collect::<Vec<_>>() {
            self.drop_views_of_column(&table, &column);
            self.catalog.drop_column(&table, &column);
        }
    }

    pub(super) fn create_domain(&mut self, mut cx: Cursor<'_>) {
        let Some(name) = cx.name() else { return };
        cx.eat("as");
        let base = cx.sql_type(&CONSTRAINT_WORDS);
        let mut domain = Domain { name: name.clone(), base, not_null: false, default: None, checks: Vec::new() };
        let mut constraint = None;
        while !cx.is_done() {
            if cx.eat("constraint") {
                constraint = cx.ident();
            } else if cx.eat_all(&["not", "null"]) {
                domain.not_null = true;
            } else if cx.eat("default") {
                domain.default = Some(Expr::new(cx.text_until(&CONSTRAINT_WORDS)));
            } else if cx.eat("check") {
                let expr = Expr::new(cx.group().map(|mut g| g.rest().to_owned()).unwrap_or_default());
                let check = constraint.take().unwrap_or_else(|| self.free_check_name(&domain));
                domain.checks.push(Check { name: Some(check), expr, valid: true });
            } else {
                cx.skip_one();
            }
        }
        self.catalog.domains.insert(name, domain);
    }

    pub(super) fn alter_domain(&mut self, mut cx: Cursor<'_>) {
        let Some(name) = cx.name() else { return };
        if cx.eat_all(&["rename", "to"]) {
            if let Some(new) = cx.ident() {
                self.catalog.rename_type(&name, &name.with_name(new));
            }
            return;
        }
        if cx.eat_all(&["set", "schema"]) {
            if let Some(schema) = cx.ident() {
                self.catalog.rename_type(&name, &Name::qualified(schema, name.name.clone()));
            }
            return;
        }
        let Some(mut domain) = self.catalog.domains.remove(&name) else {
            return self.unknown("alters", "domain", &name, false);
        };
        self.change_domain(&mut domain, cx);
        self.catalog.domains.insert(name, domain);
    }

    fn change_domain(&mut self, domain: &mut Domain, mut cx: Cursor<'_>) {
        if cx.eat_all(&["set", "not", "null"]) {
            domain.not_null = true;
        } else if cx.eat_all(&["drop", "not", "null"]) {
            domain.not_null = false;
        } else if cx.eat_all(&["set", "default"]) {
            domain.default = Some(Expr::new(cx.rest()));
        } else if cx.eat_all(&["drop", "default"]) {
            domain.default = None;
        } else if cx.eat_all(&["drop", "constraint"]) {
            cx.if_exists();
            let gone = cx.ident();
            domain.checks.retain(|c| c.name != gone);
        } else if cx.eat_all(&["rename", "constraint"]) {
            let from = cx.ident();
            cx.eat("to");
            let to = cx.ident();
            domain.checks.iter_mut().filter(|c| c.name == from).for_each(|c| c.name.clone_from(&to));
        } else if cx.eat_all(&["validate", "constraint"]) {
            let name = cx.ident();
            domain.checks.iter_mut().filter(|c| c.name == name).for_each(|c| c.valid = true);
        } else if cx.eat("add") {
            let given = if cx.eat("constraint") { cx.ident() } else { None };
            if cx.eat("check") {
                let expr = Expr::new(cx.group().map(|mut g| g.rest().to_owned()).unwrap_or_default());
                let valid = !cx.eat_all(&["not", "valid"]);
                let name = given.unwrap_or_else(|| self.free_check_name(domain));
                domain.checks.push(Check { name: Some(name), expr, valid });
            }
        }
    }

    /// The default name of a check of a domain that is not in the catalog at the moment.
    fn free_check_name(&self, domain: &Domain) -> String {
        let mut number = 0;
        loop {
            let label = if number == 0 { "check".to_owned() } else { format!("check{number}") };
            let name = self.free_name(&domain.name, None, &label, Taken::Constraints);
            if !domain.checks.iter().any(|c| c.name.as_ref() == Some(&name)) {
                return name;
            }
            number += 1;
        }
    }

    pub(super) fn create_schema(&mut self, mut cx: Cursor<'_>) {
        cx.if_not_exists();
        let name = if cx.is("authorization") { None } else { cx.ident() };
        if cx.eat("authorization") {
            let role = cx.ident();
            self.catalog.schemas.extend(name.or(role).filter(|name| name != "public"));
        } else {
            self.catalog.schemas.extend(name.filter(|name| name != "public"));
        }
        if !cx.is_done() {
            self.doubt([], "CREATE SCHEMA makes objects in the same statement");
        }
    }

    /// With CASCADE, since an empty schema has nothing to forget.
    pub(super) fn drop_schema(&mut self, mut cx: Cursor<'_>, tolerant: bool) {
        let Some(schema) = cx.ident() else { return };
        if !self.catalog.schemas.remove(&schema) && schema != "public" {
            return self.unknown("drops", "schema", &Name::new(schema), tolerant);
        }
        let inside = |name: &Name| name.schema.as_deref().unwrap_or("public") == schema;
        let tables: Vec<Name> = self.catalog.tables.keys().filter(|n| inside(n)).cloned().collect();
        let views: Vec<Name> = self.catalog.views.keys().filter(|n| inside(n)).cloned().collect();
        let types = self.catalog.enums.keys().chain(self.catalog.domains.keys());
        let types: Vec<Name> = types.filter(|n| inside(n)).cloned().collect();
        self.catalog.tables.retain(|name, _| !inside(name));
        self.catalog.views.retain(|name, _| !inside(name));
        self.catalog.functions.retain(|name, _| !inside(name));
        self.catalog.enums.retain(|name, _| !inside(name));
        self.catalog.domains.retain(|name, _| !inside(name));
        self.catalog.sequences.retain(|name, _| !inside(name));
        tables.iter().for_each(|table| self.forget_table(table, true));
        views.iter().for_each(|view| self.drop_dependent_views(view));
        types.iter().for_each(|ty| self.forget_type(ty));
        let calls = |t: &Table| t.triggers.iter().any(|trigger| trigger.function.as_ref().is_some_and(&inside));
        let callers = self.catalog.tables_mut(calls);
        callers.for_each(|table| table.triggers.retain(|t| !t.function.as_ref().is_some_and(&inside)));
    }

    pub(super) fn alter_schema(&mut self, mut cx: Cursor<'_>) {
        let Some(old) = cx.ident() else { return };
        let (true, Some(new)) = (cx.eat_all(&["rename", "to"]), cx.ident()) else { return };
        if !self.catalog.schemas.remove(&old) {
            return self.unknown("renames", "schema", &Name::new(old), false);
        }
        self.catalog.schemas.insert(new.clone());
        let inside = |name: &&Name| name.schema.as_deref() == Some(old.as_str());
        let to = |name: &Name| Name::qualified(new.clone(), name.name.clone());
        for table in self.catalog.tables.keys().filter(inside).cloned().collect::<Vec<_>>() {
            self.move_table(&table, &to(&table));
        }
        for sequence in self.catalog.sequences.keys().filter(inside).cloned().collect::<Vec<_>>() {
            self.rename_sequence(&sequence, &to(&sequence));
        }
        for view in self.catalog.views.keys().filter(inside).cloned().collect::<Vec<_>>() {
            self.rename_relation(&view, &to(&view));
        }
        for function in self.catalog.functions.keys().filter(inside).cloned().collect::<Vec<_>>() {
            self.rename_function(&function, &to(&function));
        }
        let types = self.catalog.enums.keys().chain(self.catalog.domains.keys());
        for ty in types.filter(inside).cloned().collect::<Vec<_>>() {
            self.catalog.rename_type(&ty, &to(&ty));
        }
    }
}

pub(super) fn columns_mut(catalog: &mut Catalog) -> impl Iterator<Item = &mut crate::catalog::Column> {
    catalog.tables.values_mut().flat_map(|t| t.columns.iter_mut().map(|column| &mut **column))
}
