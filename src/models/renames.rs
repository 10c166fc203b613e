//! Renames: what looks like one, how a user writes one, and the models seen through one.

use super::types::canonical;
use super::{Change, ModelTable, Models};
use crate::catalog::Name;
use crate::error::{Error, Result};

/// A confirmed rename of a column, or of a table where `column` is `None`. A column's table goes by
/// the name that the user sees, so by its new one where it is renamed too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rename {
    pub table: Name,
    pub column: Option<String>,
    pub to: String,
}

/// Something that vanished where something like it appeared.
#[derive(Debug, Clone, PartialEq)]
pub struct Candidate {
    pub table: Name,
    /// The column; `None` for the table itself.
    pub column: Option<String>,
    pub to: String,
    /// From 0 to 1: how alike they are.
    pub score: f64,
}

impl Eq for Candidate {}

impl Rename {
    /// Reads `table.old:new` (a column) or `old:new` (a table). A name in a schema is
    /// `schema.table.old:new`.
    ///
    /// # Errors
    /// Where it is neither.
    pub fn parse(text: &str) -> Result<Self> {
        let expected = || {
            Error::undecided(format!("--rename {text}: expected TABLE.OLD:NEW for a column or OLD:NEW for a table"))
                .hint("for instance --rename users.nick:nick_name")
        };
        let (old, new) = text.split_once(':').ok_or_else(expected)?;
        // The new name may repeat the table.
        let to = new.rsplit('.').next().unwrap_or(new).trim().to_owned();
        let parts: Vec<&str> = old.split('.').map(str::trim).collect();
        if to.is_empty() || parts.iter().any(|part| part.is_empty()) {
            return Err(expected());
        }
        match parts.as_slice() {
            [table] => Ok(Self { table: Name::new(*table), column: None, to }),
            [table, column] => Ok(Self { table: Name::new(*table), column: Some((*column).to_owned()), to }),
            [schema, table, column] => {
                Ok(Self { table: Name::qualified(*schema, *table), column: Some((*column).to_owned()), to })
            }
            _ => Err(expected()),
        }
    }

    /// The table that it is about, by its new name.
    pub fn of(&self) -> Name {
        match &self.column {
            Some(_) => self.table.clone(),
            None => self.table.with_name(&self.to),
        }
    }

    /// What it was called: `users.nick` or `users`.
    pub fn old_path(&self) -> String {
        path(&self.table, self.column.as_deref())
    }

    /// What it is called now.
    pub fn new_path(&self) -> String {
        match &self.column {
            Some(_) => path(&self.table, Some(&self.to)),
            None => self.table.with_name(&self.to).to_string(),
        }
    }
}

impl Candidate {
    /// What vanished: `users.nick` or `users`.
    pub fn old_path(&self) -> String {
        self.rename().old_path()
    }

    /// What appeared.
    pub fn new_path(&self) -> String {
        self.rename().new_path()
    }

    /// The candidate as a rename.
    pub fn rename(&self) -> Rename {
        Rename { table: self.table.clone(), column: self.column.clone(), to: self.to.clone() }
    }
}

fn path(table: &Name, column: Option<&str>) -> String {
    match column {
        Some(column) => format!("{table}.{column}"),
        None => table.to_string(),
    }
}

/// What looks like a rename, the likeliest first; each thing stands in one candidate only. A column
/// is like another of the same table where their types are equal or their names are close, a value
/// of an enum where the labels are.
pub fn rename_candidates(changes: &[Change]) -> Vec<Candidate> {
    let mut candidates = Vec::new();
    for dropped in changes {
        for added in changes {
            candidates.extend(candidate(dropped, added));
        }
    }
    candidates.sort_by(|a: &Candidate, b: &Candidate| {
        b.score.total_cmp(&a.score).then_with(|| a.old_path().cmp(&b.old_path())).then_with(|| a.to.cmp(&b.to))
    });
    let mut taken: Vec<String> = Vec::new();
    candidates.retain(|candidate| {
        let (old, new) = (format!("old {}", candidate.old_path()), format!("new {}", candidate.new_path()));
        let free = !taken.contains(&old) && !taken.contains(&new);
        if free {
            taken.extend([old, new]);
        }
        free
    });
    candidates
}

fn candidate(dropped: &Change, added: &Change) -> Option<Candidate> {
    match (dropped, added) {
        (Change::DropColumn { table, column }, Change::AddColumn { table: other, column: new }) if table == other => {
            let likeness = strsim::jaro_winkler(&column.name, &new.name);
            let same_type = canonical(&column.ty) == canonical(&new.ty);
            (same_type || likeness > 0.85).then(|| Candidate {
                table: table.clone(),
                column: Some(column.name.clone()),
                to: new.name.clone(),
                score: likeness.midpoint(if same_type { 1.0 } else { 0.0 }),
            })
        }
        (Change::DropTable { table }, Change::AddTable { table: new }) if !table.is_view && !new.is_view => {
            let score = shared_columns(table, new);
            (score >= 0.6).then(|| Candidate {
                table: table.name.clone(),
                column: None,
                to: new.name.name.clone(),
                score,
            })
        }
        (Change::DropEnumValue { name, value, .. }, Change::AddEnumValue { name: other, value: new, .. })
            if name == other =>
        {
            let score = strsim::jaro_winkler(value, new);
            (score > 0.7).then(|| Candidate {
                table: name.clone(),
                column: Some(value.clone()),
                to: new.clone(),
                score,
            })
        }
        _ => None,
    }
}

/// The part of the columns that both tables have, with the same type.
#[expect(clippy::cast_precision_loss, reason = "tables have few columns")]
fn shared_columns(a: &ModelTable, b: &ModelTable) -> f64 {
    let shared = a.columns.iter().filter(|c| b.column(&c.name).is_some_and(|d| canonical(&c.ty) == canonical(&d.ty)));
    let all = a.columns.len().max(b.columns.len()).max(1);
    shared.count() as f64 / all as f64
}

/// The models of before with the renames done, so that what is left is a real change.
pub fn apply_renames(before: &Models, renames: &[Rename]) -> Models {
    let mut models = before.clone();
    for rename in renames.iter().filter(|r| r.column.is_none()) {
        let new = rename.table.with_name(&rename.to);
        if let Some(mut table) = models.tables.remove(&rename.table) {
            table.name = new.clone();
            models.tables.insert(new.clone(), table);
        }
        for join in &mut models.joins {
            for side in [&mut join.child, &mut join.parent] {
                if *side == rename.table {
                    *side = new.clone();
                }
            }
        }
    }
    for rename in renames {
        let Some(from) = &rename.column else { continue };
        let renamed = renames.iter().find(|r| r.column.is_none() && r.table == rename.table);
        let name = renamed.map_or_else(|| rename.table.clone(), |r| r.table.with_name(&r.to));
        let Some(table) = models.tables.get_mut(&name) else { continue };
        for column in table.columns.iter_mut().filter(|c| &c.name == from) {
            column.name.clone_from(&rename.to);
            column.rust_name.clone_from(&rename.to);
        }
        let keys = table.primary_key.iter_mut().chain(table.other_keys.iter_mut().flatten());
        for key in keys.filter(|key| *key == from) {
            key.clone_from(&rename.to);
        }
    }
    for rename in renames.iter().filter(|rename| rename.column.is_none()) {
        if let Some(history) = models.history.remove(&rename.table) {
            models.history.insert(rename.of(), history);
        }
    }
    super::owned::apply_renames(&mut models, renames);
    models
}
