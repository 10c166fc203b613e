//! Row security: policies, and whether a table asks for them.

use super::Replay;
use super::cursor::Cursor;
use crate::catalog::{Expr, Name, Policy, TableOptions};

impl Replay<'_> {
    pub(super) fn create_policy(&mut self, mut cx: Cursor<'_>) {
        let Some((name, table)) = policy_and_table(&mut cx) else { return };
        let mut policy = Policy {
            name,
            permissive: true,
            command: "ALL".to_owned(),
            roles: vec!["public".to_owned()],
            using: None,
            check: None,
        };
        if cx.eat("as") {
            policy.permissive = cx.ident().is_none_or(|kind| kind != "restrictive");
        }
        if cx.eat("for") {
            policy.command = cx.next().map(|word| word.text.to_uppercase()).unwrap_or_default();
        }
        change(&mut policy, &mut cx);
        match self.catalog.table_mut(&table) {
            Some(found) => found.policies.push(policy),
            None => self.unknown("creates a policy on", "table", &table, false),
        }
    }

    pub(super) fn alter_policy(&mut self, mut cx: Cursor<'_>) {
        let Some((name, table)) = policy_and_table(&mut cx) else { return };
        let to = if cx.eat_all(&["rename", "to"]) { cx.ident() } else { None };
        let found = self.catalog.table_mut(&table).and_then(|t| t.policies.iter_mut().find(|p| p.name == name));
        match found {
            Some(policy) => {
                policy.name = to.unwrap_or(name);
                change(policy, &mut cx);
            }
            None => self.unknown("alters a policy of", "table", &table, false),
        }
    }

    pub(super) fn drop_policy(&mut self, mut cx: Cursor<'_>, tolerant: bool) {
        let Some((name, table)) = policy_and_table(&mut cx) else { return };
        let Some(found) = self.catalog.table_mut(&table) else {
            return self.unknown("drops a policy of", "table", &table, tolerant);
        };
        found.policies.retain(|policy| policy.name != name);
    }

    /// `ENABLE`, `DISABLE`, `FORCE` and `NO FORCE ROW LEVEL SECURITY`; false for any other action.
    pub(super) fn row_security(&mut self, table: &Name, cx: &mut Cursor<'_>) -> bool {
        const WORDS: [&str; 3] = ["row", "level", "security"];
        type Set = fn(&mut TableOptions);
        let actions: [(&[&str], Set); 4] = [
            (&["enable"], |options| options.row_security = true),
            (&["disable"], |options| options.row_security = false),
            (&["force"], |options| options.forced_row_security = true),
            (&["no", "force"], |options| options.forced_row_security = false),
        ];
        let set = actions.into_iter().find(|(words, _)| cx.eat_all(&[*words, &WORDS].concat())).map(|(_, set)| set);
        if let (Some(set), Some(table)) = (set, self.catalog.table_mut(table)) {
            set(&mut table.options);
        }
        set.is_some()
    }
}

/// `name ON table`.
fn policy_and_table(cx: &mut Cursor<'_>) -> Option<(String, Name)> {
    let name = cx.ident()?;
    cx.eat("on");
    Some((name, cx.name()?))
}

/// `TO roles USING (…) WITH CHECK (…)`, each of them or none.
fn change(policy: &mut Policy, cx: &mut Cursor<'_>) {
    if cx.eat("to") {
        policy.roles.clear();
        while let Some(role) = cx.ident() {
            policy.roles.push(role);
            if !cx.eat(",") {
                break;
            }
        }
        policy.roles.sort();
    }
    let expr = |cx: &mut Cursor<'_>| cx.group().map(|mut group| Expr::new(group.rest()));
    if cx.eat("using") {
        policy.using = expr(cx);
    }
    if cx.eat_all(&["with", "check"]) {
        policy.check = expr(cx);
    }
}
