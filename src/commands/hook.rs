//! `hook`: what the installed shims call. It judges the tree that git is about to record or send,
//! and says nothing when all is well.

mod notice;
mod proof;

use clap::Args;

use super::gate::{self, Ask, Held};
use crate::cli::Global;
use crate::context::Context;
use crate::error::{Error, Outcome, Result};
use crate::hooks;

/// What the installed hooks call.
#[derive(Debug, Args)]
pub struct Hook {
    /// The hook's name
    pub name: String,
    /// The version of the shim that calls
    #[arg(long, default_value_t = 1)]
    pub shim: u32,
    /// What git gave to the hook
    #[arg(last = true)]
    pub args: Vec<String>,
}

impl Hook {
    /// Runs the hook.
    ///
    /// # Errors
    /// Where nothing could be decided.
    pub fn run(&self, global: &Global, cx: &mut Context) -> Result<Outcome> {
        if let Some(hook) = hooks::Hook::parse(&self.name).filter(|hook| hook.is_notice()) {
            // Whatever is wrong here is told by the next command that needs it.
            drop(notice::tell(hook, &self.args, global, cx));
            return Ok(Outcome::Fine);
        }
        if gate::is_skipped(&self.name, cx) {
            return Ok(Outcome::Fine);
        }
        let repo = gate::open(cx)?;
        let asks = match self.name.as_str() {
            // A rebase may apply its commits as patches; as with any other rebase, the push is judged.
            "pre-applypatch" if repo.is_rebasing_by_patches() => Vec::new(),
            "pre-applypatch" => vec![Ask { held: Held::Patch, ..Ask::staged(&repo, cx)? }],
            "pre-commit" | "pre-merge-commit" => vec![Ask::staged(&repo, cx)?],
            "pre-push" => gate::pushed(&repo, &self.args, cx)?,
            other => {
                return Err(Error::undecided(format!("no hook {other}"))
                    .hint("hooks: pre-commit, pre-merge-commit, pre-applypatch, pre-push"));
            }
        };
        match gate::settle(&repo, asks.clone(), false, &gate::choice(global), cx)? {
            Outcome::Fine => proof::prove(&repo, &asks, global, cx),
            held => Ok(held),
        }
    }
}
