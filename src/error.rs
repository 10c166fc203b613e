//! What can go wrong, as a user meets it: a kind (which is the exit code), a sentence, places, the
//! cause and the next step. One table maps kinds and outcomes to exit codes.

use std::error::Error as StdError;
use std::fmt;

use crate::place::Place;

/// What sort of failure it is; each is an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Wrong usage, unreadable input, or a question that could not be decided.
    Undecided,
    /// Something that the user has to change: drift, findings, a refused commit.
    Change,
    /// The database is out of reach or refused us.
    Database,
    /// Another runner holds the lock, or others hold a table.
    Locked,
    /// A crashed run has to be resolved first.
    NeedsResolve,
    /// The chain has several heads where one is needed.
    SeveralHeads,
    /// The text of an applied revision was edited.
    Edited,
    /// A signal ended it, in good order; the signal's number.
    Interrupted(u8),
}

/// What a command found; each is an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Outcome {
    #[default]
    Fine,
    /// Drift, findings, or a blocked commit.
    Change,
    /// Usage, or a question that could not be decided.
    Undecided,
    /// Revisions wait to be applied.
    Pending,
    SeveralHeads,
    /// A published revision was edited.
    Edited,
    /// A crashed run needs `resolve`.
    NeedsResolve,
}

impl Kind {
    /// The process exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Change => 1,
            Self::Undecided => 2,
            Self::SeveralHeads => 4,
            Self::Database => 5,
            Self::Edited => 6,
            Self::Locked => 7,
            Self::NeedsResolve => 8,
            // As shells tell of a process that a signal has ended.
            Self::Interrupted(signal) => 128 + signal,
        }
    }
}

impl Outcome {
    /// The process exit code.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Fine => 0,
            Self::Change => 1,
            Self::Undecided => 2,
            Self::Pending => 3,
            Self::SeveralHeads => 4,
            Self::Edited => 6,
            Self::NeedsResolve => 8,
        }
    }
}

/// A failure with everything that helps to mend it.
pub struct Error {
    pub kind: Kind,
    /// One sentence without a final period: what is wrong.
    pub message: String,
    /// Where; shown before the message.
    pub place: Option<Place>,
    pub source: Option<Box<dyn StdError + Send + Sync>>,
    /// What to do: sentences or commands.
    pub hints: Vec<String>,
}

/// A result with this crate's error.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of a kind.
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), place: None, source: None, hints: Vec::new() }
    }

    /// Bad input or a question that cannot be decided.
    pub fn undecided(message: impl Into<String>) -> Self {
        Self::new(Kind::Undecided, message)
    }

    /// The same error with a place.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = Some(place);
        self
    }

    /// The same error with a next step.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The same error with its cause.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }
}

/// The place and the message, then the chain of causes.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(place) = &self.place {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.message)?;
        let mut source = self.source.as_deref().map(|s| s as &dyn StdError);
        while let Some(cause) = source {
            write!(f, ": {cause}")?;
            source = cause.source();
        }
        Ok(())
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self} ({:?}; hints: {:?})", self.kind, self.hints)
    }
}

impl StdError for Error {}

impl From<std::io::Error> for Error {
    fn from(source: std::io::Error) -> Self {
        Self::undecided(source.to_string())
    }
}
