//! What installing the hooks has moved and written, kept in the shared git directory
//! (`ops-migrate/hooks.toml`) so that uninstalling brings back every byte, mode and link.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::error::{Error, Result};
use crate::hooks::Hook;

const HEADER: &str = "# Kept by `cargo ops-migrate hooks`: what `hooks uninstall` needs to undo `hooks install`.\n\n";

/// Everything that was installed from this repository.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Record {
    /// Whether a push proves its new revisions on a scratch database.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) prove: bool,
    /// Directories that did not exist before.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) made: Vec<String>,
    #[serde(default, rename = "hook", skip_serializing_if = "Vec::is_empty")]
    pub(super) hooks: Vec<Written>,
}

/// One shim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Written {
    pub(super) name: String,
    pub(super) dir: String,
    /// SHA-256 of the shim.
    pub(super) wrote: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) displaced: Option<Displaced>,
}

/// The hook that was there before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Displaced {
    /// SHA-256 of the content; absent for a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) sha256: Option<String>,
    /// Permission bits in octal.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mode: Option<String>,
    /// Where a link leads.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) target: Option<String>,
}

impl Record {
    /// The record of a repository; empty where there is none.
    pub(super) fn load(common_dir: &Path) -> Result<Self> {
        let file = path(common_dir);
        let text = match fs_err::read_to_string(&file) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error.into()),
        };
        toml::from_str(&text).map_err(|error| {
            Error::undecided(format!("{} is not in the form that we write", file.display()))
                .caused_by(error)
                .hint("delete it; then a hook that was moved aside has to be put back by hand")
        })
    }

    /// Writes the record, or removes it with its folder when nothing is left to undo.
    pub(super) fn save(&self, common_dir: &Path) -> Result<()> {
        let file = path(common_dir);
        if *self == Self::default() {
            if file.exists() {
                fs_err::remove_file(&file)?;
            }
            // Other parts of the tool may keep files there.
            drop(file.parent().map(std::fs::remove_dir));
            return Ok(());
        }
        let text = toml::to_string(self).map_err(|error| Error::undecided("the record of hooks").caused_by(error))?;
        if let Some(folder) = file.parent() {
            fs_err::create_dir_all(folder)?;
            super::install::replace(folder, "hooks.toml", format!("{HEADER}{text}").as_bytes(), 0o644)?;
        }
        Ok(())
    }

    pub(super) fn find(&self, dir: &Path, hook: Hook) -> Option<&Written> {
        self.hooks.iter().find(|written| written.name == hook.name() && Path::new(&written.dir) == dir)
    }

    /// Notes a shim; what was displaced by an earlier one stays noted.
    pub(super) fn note(&mut self, dir: &Path, hook: Hook, wrote: String, displaced: Option<Displaced>) {
        let displaced = displaced.or_else(|| self.find(dir, hook).and_then(|written| written.displaced.clone()));
        self.forget(dir, hook);
        self.hooks.push(Written { name: hook.name().to_owned(), dir: text(dir), wrote, displaced });
    }

    pub(super) fn forget(&mut self, dir: &Path, hook: Hook) {
        self.hooks.retain(|written| written.name != hook.name() || Path::new(&written.dir) != dir);
    }

    /// The directories that hold one of our shims.
    pub(super) fn dirs(&self) -> Vec<PathBuf> {
        let mut dirs: Vec<PathBuf> = self.hooks.iter().map(|written| PathBuf::from(&written.dir)).collect();
        dirs.dedup();
        dirs
    }
}

/// A path as the record holds it.
pub(super) fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// SHA-256 in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn path(common_dir: &Path) -> PathBuf {
    common_dir.join("ops-migrate").join("hooks.toml")
}
