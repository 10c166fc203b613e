//! Whether a command may write to this database: that it is the one that was meant (the project's
//! own, not a copy on another server) and, where it is protected, that a person has typed its name.
//! The marks live in the database itself, so that they hold for everybody who reaches it.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;
use serde::Serialize;

use super::{apply, view};
use crate::chain::Chain;
use crate::context::Context;
use crate::db::identity::{self, ENGINE, PROJECT};
use crate::db::lock::Lock;
use crate::db::settings::{self, PROTECTED, Setting};
use crate::db::{Database, is_loss_in_words};
use crate::error::{Error, Kind, Result};
use crate::project::Project;
use crate::runner::Event;

/// Diesel's own first revision, which every PostgreSQL project has.
const SETUP: &str = "00000000000000";

/// What a user says beforehand about the database that is meant.
#[derive(Debug, Clone, Default, Args)]
pub struct Guard {
    /// The database's name, which a protected one wants typed before it loses anything
    #[arg(long, value_name = "NAME")]
    pub database_name: Option<String>,
    /// Go on although the database belongs to another project or has moved to another server
    #[arg(long)]
    pub accept_database: bool,
}

/// What a database says about itself.
#[derive(Debug, Default)]
pub struct Standing {
    /// The name that people type.
    pub name: String,
    pub protected: Option<Setting>,
    project: Option<Setting>,
    engine: Option<Setting>,
    /// What tells this engine from others, where anything does.
    engine_now: Option<String>,
    /// This project, as the setting spells it.
    ours: String,
    /// Applied versions are there, and none of them is in this chain.
    is_foreign: bool,
}

/// The mark of a protected database, for JSON.
#[derive(Debug, Serialize)]
pub struct ProtectedView {
    pub reason: String,
    pub since: String,
    pub user: String,
    pub host: String,
}

impl ProtectedView {
    /// The mark for JSON output.
    pub fn new(setting: &Setting) -> Self {
        Self {
            reason: setting.value.clone(),
            since: setting.set_at.clone(),
            user: setting.user_name.clone(),
            host: setting.host.clone(),
        }
    }
}

impl Standing {
    /// Reads what a database that has `applied` versions says about itself; writes nothing.
    ///
    /// # Errors
    /// `Database` with the engine's own words.
    pub fn read(project: &Project, chain: &Chain, applied: &[String], database: &mut Database) -> Result<Self> {
        let mut settings: BTreeMap<String, Setting> = settings::all(database)?;
        let mut own = applied.iter().filter(|version| *version != SETUP).peekable();
        Ok(Self {
            name: identity::name(database)?,
            protected: settings.remove(PROTECTED),
            project: settings.remove(PROJECT),
            engine: settings.remove(ENGINE),
            engine_now: identity::engine(database),
            ours: ours(project, chain),
            is_foreign: own.peek().is_some() && own.all(|version| chain.by_version(version).is_none()),
        })
    }

    /// Of a database that is yet to be made.
    pub fn of_new(project: &Project, chain: &Chain) -> Self {
        Self { ours: ours(project, chain), ..Self::default() }
    }

    /// What does not fit, in words; none where the database is the one that was meant, as far as
    /// anybody can tell.
    pub fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        match &self.project {
            Some(known) if !is_same_project(&known.value, &self.ours) => doubts.push(format!(
                "{} belongs to the project {} ({}), and this is {}",
                self.name,
                project_words(&known.value),
                known.origin(),
                project_words(&self.ours)
            )),
            None if self.is_foreign => {
                doubts.push(format!("none of the revisions that {} has applied is in this chain", self.name));
            }
            _ => {}
        }
        if let (Some(known), Some(now)) = (&self.engine, &self.engine_now)
            && known.value != *now
        {
            doubts.push(format!(
                "{} is not where it was {}: it is a restored backup or a copy, or the server was replaced",
                self.name,
                known.origin()
            ));
        }
        doubts
    }

    /// Stops where the database is not the one that was meant, unless a person says that it is.
    ///
    /// # Errors
    /// `Undecided` with the flag where nobody can be asked, `Change` where the answer is no.
    pub fn accept(&self, guard: &Guard, project: &Project, cx: &mut Context) -> Result<()> {
        let doubts = self.doubts();
        if doubts.is_empty() || guard.accept_database {
            return Ok(());
        }
        let from = project.database.as_ref().map(|(url, from)| format!("{url}, from {from}")).unwrap_or_default();
        let text = doubts.join("; ");
        if cx.ui.interactive {
            cx.ui.warn(&text);
        }
        match cx.ui.confirm(&format!("Is {from} the right database?"))? {
            Some(true) => Ok(()),
            Some(false) => Err(Error::new(Kind::Change, "nothing was changed")),
            None => Err(Error::undecided(text)
                .hint(format!("the database is {from}: is it the one that you mean?"))
                .hint("if it is, say so once: --accept-database")),
        }
    }

    /// Has the name of a protected database typed.
    ///
    /// # Errors
    /// `Undecided` with the flag where nobody can be asked, `Change` where the name is another.
    pub fn agree(&self, guard: &Guard, what: &str, cx: &mut Context) -> Result<()> {
        let Some(mark) = &self.protected else { return Ok(()) };
        let protected = self.protected_words(mark);
        let typed = match &guard.database_name {
            Some(name) => Some(name.clone()),
            None => {
                if cx.ui.interactive {
                    cx.ui.warn(format!("{protected}; {what}"));
                }
                cx.ui.ask("To go on, type the name of the database:")?
            }
        };
        match typed {
            Some(name) if name == self.name => Ok(()),
            Some(name) => {
                Err(Error::new(Kind::Change, format!("`{name}` is not the name of this database: nothing was changed"))
                    .hint(format!("{protected}; {what}")))
            }
            None => Err(view::needs_flag(&format!("{protected}; {what}"), "--database-name NAME, with its name")),
        }
    }

    /// The mark in a sentence.
    pub fn protected_words(&self, mark: &Setting) -> String {
        let reason = if mark.value.is_empty() { String::new() } else { format!(": {}", mark.value) };
        format!("{} is protected ({}){reason}", self.name, mark.origin())
    }

    /// Remembers project and server in the database, where it does not know them yet or a person
    /// has accepted them anew. Takes the runners' lock only where there is something to write.
    ///
    /// # Errors
    /// `Locked` while another runner works, `Database` where the role may not write.
    pub fn remember(
        &self,
        database: &mut Database,
        lock_wait: Duration,
        tell: apply::Tell,
        cx: &mut Context,
    ) -> Result<()> {
        let is_known = self.project.as_ref().is_some_and(|known| known.value == self.ours)
            && (self.engine_now.is_none()
                || self.engine.as_ref().map(|known| &known.value) == self.engine_now.as_ref());
        if is_known {
            return Ok(());
        }
        apply::telling(cx, tell, |on_event| {
            let done = self.write(database, lock_wait, on_event);
            match done {
                // What was written is written over.
                Err(error) if is_loss_in_words(&error.message) && database.reconnect() => {
                    on_event(Event::Reconnected { error: &error });
                    self.write(database, lock_wait, on_event)
                }
                done => done,
            }
        })
    }

    fn write(&self, database: &mut Database, lock_wait: Duration, on_event: &mut dyn FnMut(Event<'_>)) -> Result<()> {
        let mut database = Lock::acquire(database, lock_wait, &mut |holder| on_event(Event::Waits { holder }))?;
        settings::ensure(&mut database)?;
        let known = settings::all(&mut database)?;
        let engine = identity::engine(&mut database);
        let values = [(PROJECT, Some(self.ours.clone())), (ENGINE, engine)];
        for (name, value) in values.into_iter().filter_map(|(name, value)| Some((name, value?))) {
            if known.get(name).is_none_or(|setting| setting.value != value) {
                settings::put(&mut database, name, &value)?;
            }
        }
        Ok(())
    }
}

/// A project by its package and by its chain's first revision: `app 20240101000000`.
fn ours(project: &Project, chain: &Chain) -> String {
    let first = chain.revisions().iter().find(|revision| revision.version != SETUP);
    format!("{} {}", project.layout.package, first.map_or("", |revision| &revision.version))
}

/// A package may be renamed and a chain be begun anew; both at once is another project.
fn is_same_project(a: &str, b: &str) -> bool {
    let parts = |text: &str| text.split_once(' ').map(|(name, first)| (name.to_owned(), first.to_owned()));
    match (parts(a), parts(b)) {
        (Some((a, first)), Some((b, other))) => a == b || (first == other && !first.is_empty()),
        _ => true,
    }
}

fn project_words(text: &str) -> String {
    match text.split_once(' ') {
        Some((name, "")) => format!("`{name}`"),
        Some((name, first)) => format!("`{name}` (first revision {first})"),
        None => format!("`{text}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::is_same_project;

    #[test]
    fn one_of_name_and_first_revision_is_enough() {
        for (a, b, expected) in [
            ("app 1", "app 1", true),
            ("app 1", "app 2", true),
            ("app 1", "shop 1", true),
            ("app 1", "shop 2", false),
            ("app ", "shop ", false),
            ("app ", "shop 2", false),
        ] {
            assert_eq!(is_same_project(a, b), expected, "{a} / {b}");
        }
    }
}
