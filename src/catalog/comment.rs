//! Comments on what is no table, column, enum or view: those carry theirs.

use serde::{Deserialize, Serialize};

use super::{Catalog, Name};

/// A comment, and what it is on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Comment {
    pub on: Commented,
    pub text: String,
}

/// What a comment is on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Commented {
    /// A function or procedure, with its arguments.
    Function(Name),
    Domain(Name),
    Sequence(Name),
    Schema(String),
    /// An index, in the schema of its table.
    Index(Name),
    /// A constraint, trigger or policy, by its table.
    Constraint(Name, String),
    Trigger(Name, String),
    Policy(Name, String),
}

impl std::fmt::Display for Commented {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Function(name) => write!(f, "function {name}"),
            Self::Domain(name) => write!(f, "domain {name}"),
            Self::Sequence(name) => write!(f, "sequence {name}"),
            Self::Schema(name) => write!(f, "schema {name}"),
            Self::Index(name) => write!(f, "index {name}"),
            Self::Constraint(table, name) => write!(f, "constraint {name} of {table}"),
            Self::Trigger(table, name) => write!(f, "trigger {name} of {table}"),
            Self::Policy(table, name) => write!(f, "policy {name} of {table}"),
        }
    }
}

impl Commented {
    /// The object with the comment, or whose part has it.
    pub fn owner(&self) -> Name {
        match self {
            Self::Schema(name) => Name::new(name.clone()),
            Self::Function(name)
            | Self::Domain(name)
            | Self::Sequence(name)
            | Self::Index(name)
            | Self::Constraint(name, _)
            | Self::Trigger(name, _)
            | Self::Policy(name, _) => name.clone(),
        }
    }
}

impl Catalog {
    /// Sets or, with `None`, takes away a comment.
    pub fn set_comment(&mut self, on: Commented, text: Option<String>) {
        self.comments.retain(|comment| comment.on != on);
        self.comments.extend(text.map(|text| Comment { on, text }));
        self.comments.sort();
    }

    /// The comment on an object; `None` without one.
    pub fn comment(&self, on: &Commented) -> Option<&String> {
        self.comments.iter().find(|comment| comment.on == *on).map(|comment| &comment.text)
    }

    /// What has a comment has another name.
    pub fn move_comments(&mut self, to: impl Fn(&Commented) -> Option<Commented>) {
        for comment in &mut self.comments {
            if let Some(new) = to(&comment.on) {
                comment.on = new;
            }
        }
        self.comments.sort();
    }

    /// Takes away the comments on what is not there any more.
    pub fn prune_comments(&mut self) {
        let comments = std::mem::take(&mut self.comments);
        self.comments = comments.into_iter().filter(|comment| self.has(&comment.on)).collect();
    }

    /// Whether what a comment is on is there.
    pub fn has(&self, on: &Commented) -> bool {
        let table = |name: &Name| self.tables.get(name);
        match on {
            Commented::Function(name) => self.functions.contains_key(name),
            Commented::Domain(name) => self.domains.contains_key(name),
            Commented::Sequence(name) => self.sequences.contains_key(name),
            Commented::Schema(name) => self.schemas.contains(name),
            Commented::Index(name) => {
                let tables = self.tables.values().map(|table| (&table.name, &table.indexes));
                let mut all = tables.chain(self.views.values().map(|view| (&view.name, &view.indexes)));
                all.any(|(owner, list)| owner.schema == name.schema && list.iter().any(|i| i.name == name.name))
            }
            Commented::Constraint(of, name) => table(of).is_some_and(|table| {
                let named = |given: &Option<String>| given.as_ref() == Some(name);
                table.primary_key.iter().any(|c| named(&c.name))
                    || table.uniques.iter().any(|c| named(&c.name))
                    || table.foreign_keys.iter().any(|c| named(&c.name))
                    || table.checks.iter().any(|c| named(&c.name))
                    || table.excludes.iter().any(|c| named(&c.name))
            }),
            Commented::Trigger(of, name) => table(of).is_some_and(|t| t.triggers.iter().any(|one| one.name == *name)),
            Commented::Policy(of, name) => table(of).is_some_and(|t| t.policies.iter().any(|one| one.name == *name)),
        }
    }
}
