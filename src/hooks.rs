//! The git hooks as values: the text of the shims, whose a hook file is, what installing and
//! uninstalling would do, and what git tells a pre-push hook. Finding the hooks directory and touching
//! it is left to `git::install`.

pub mod managers;
mod yaml;

use std::fmt;

/// The version of the shims' contract with the binary.
pub const SHIM: u32 = 1;

/// What the name of a hook that was here before ends with. Never `.legacy` or `.old`: those belong to
/// other tools, which overwrite them.
pub const PREVIOUS: &str = ".ops-migrate-prev";

/// A hook that we install.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Hook {
    PreCommit,
    /// A clean merge runs this one instead of pre-commit.
    PreMergeCommit,
    PrePush,
    /// `git am` runs this one instead of pre-commit.
    PreApplypatch,
    PostCheckout,
    PostMerge,
    PostRewrite,
}

impl Hook {
    /// Those that hold something back; they are installed.
    pub const GATE: [Self; 4] = [Self::PreCommit, Self::PreMergeCommit, Self::PrePush, Self::PreApplypatch];
    /// Those of them that every manager of hooks can run.
    pub const MANAGED: [Self; 3] = [Self::PreCommit, Self::PreMergeCommit, Self::PrePush];
    /// Those that only tell what came or went; installed on request.
    pub const NOTICES: [Self; 3] = [Self::PostCheckout, Self::PostMerge, Self::PostRewrite];
    pub const ALL: [Self; 7] = [
        Self::PreCommit,
        Self::PreMergeCommit,
        Self::PrePush,
        Self::PreApplypatch,
        Self::PostCheckout,
        Self::PostMerge,
        Self::PostRewrite,
    ];

    /// Whether it only tells something.
    pub fn is_notice(self) -> bool {
        Self::NOTICES.contains(&self)
    }

    /// Its file name.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::PreMergeCommit => "pre-merge-commit",
            Self::PrePush => "pre-push",
            Self::PreApplypatch => "pre-applypatch",
            Self::PostCheckout => "post-checkout",
            Self::PostMerge => "post-merge",
            Self::PostRewrite => "post-rewrite",
        }
    }

    /// The hook of a name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|hook| hook.name() == name)
    }

    /// Where the hook that was here before is kept.
    pub fn previous(self) -> String {
        format!("{}{PREVIOUS}", self.name())
    }

    fn template(self) -> &'static str {
        match self {
            Self::PreCommit => include_str!("../hooks/pre-commit"),
            Self::PreMergeCommit => include_str!("../hooks/pre-merge-commit"),
            Self::PrePush => include_str!("../hooks/pre-push"),
            Self::PreApplypatch => include_str!("../hooks/pre-applypatch"),
            Self::PostCheckout | Self::PostMerge | Self::PostRewrite => include_str!("../hooks/notice"),
        }
    }
}

impl fmt::Display for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The text of a shim. `binary` is where the tool was at installation (with `/`; empty for unknown),
/// the last place that the shim looks at; `id` tells one installation from another.
pub fn render(hook: Hook, binary: &str, id: &str) -> Vec<u8> {
    // A path with a line break cannot be told from a second line; the shim finds the tool elsewhere.
    let binary = if binary.contains(['\n', '\r']) { "" } else { binary };
    hook.template()
        .replace("\r\n", "\n")
        .replace("@HOOK@", hook.name())
        .replace("@ID@", id)
        .replace("@BINARY@", &binary.replace('\'', r"'\''"))
        .into_bytes()
}

/// Whether a file is a shim just as [`render`] makes it, for whatever binary and id.
pub fn is_pristine(hook: Hook, bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let between = |start: &str, end: &str| Some(text.split_once(start)?.1.split_once(end)?.0);
    let id = between(" id=", " hook=");
    let binary = between("/bin/cargo-ops-migrate\" '", "'; do\n").map(|quoted| quoted.replace(r"'\''", "'"));
    matches!((id, binary), (Some(id), Some(binary)) if render(hook, &binary, id) == bytes)
}

/// The binary that a shim remembers.
pub fn baked_binary(bytes: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(bytes).ok()?;
    let quoted = text.split_once("/bin/cargo-ops-migrate\" '")?.1.split_once("'; do\n")?.0;
    Some(quoted.replace(r"'\''", "'")).filter(|path| !path.is_empty())
}

/// Who wrote a hook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    Ours {
        shim: u32,
    },
    PreCommit,
    Prek,
    Lefthook,
    Husky,
    Overcommit,
    CargoHusky,
    GitLfs,
    /// Anyone else, most likely the user.
    Foreign,
}

impl Owner {
    /// Whose a hook file is; read as bytes, since it may be a program.
    pub fn of(bytes: &[u8]) -> Self {
        let has = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        if let Some(shim) = shim_of(bytes) {
            return Self::Ours { shim };
        }
        let marks: [(&str, Self); 12] = [
            ("File generated by prek", Self::Prek),
            ("182c10f181da4464a3eec51b83331688", Self::Prek),
            ("File generated by pre-commit", Self::PreCommit),
            ("138fd403232d2ddd5efb44317e38bf03", Self::PreCommit),
            ("call_lefthook()", Self::Lefthook),
            ("Entrypoint for Overcommit hook integration", Self::Overcommit),
            ("This hook was set by cargo-husky", Self::CargoHusky),
            ("/_/husky.sh\"", Self::Husky),
            ("\"$(dirname \"$0\")/h\"", Self::Husky),
            ("\"$(dirname -- \"$0\")/h\"", Self::Husky),
            ("# Hook created by Husky", Self::Husky),
            ("command -v git-lfs", Self::GitLfs),
        ];
        marks.into_iter().find(|(mark, _)| has(mark)).map_or(Self::Foreign, |(_, owner)| owner)
    }

    /// Whether it is a manager of hooks, which rewrites its files when it likes and runs what its own
    /// configuration names. A hook chained behind it would be lost or run in a circle
    /// (pre-commit #3279).
    pub fn is_manager(self) -> bool {
        self.manager().is_some()
    }

    /// The name as users know it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ours { .. } => "cargo ops-migrate",
            Self::PreCommit => "pre-commit",
            Self::Prek => "prek",
            Self::Lefthook => "lefthook",
            Self::Husky => "husky",
            Self::Overcommit => "overcommit",
            Self::CargoHusky => "cargo-husky",
            Self::GitLfs => "git-lfs",
            Self::Foreign => "another hook",
        }
    }
}

/// The version in the mark of one of our shims, which stands in its first lines.
fn shim_of(bytes: &[u8]) -> Option<u32> {
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(512)]);
    let mark = head.lines().take(4).find_map(|line| line.strip_prefix("# cargo-ops-migrate shim="))?.to_owned();
    mark.split(' ').next()?.parse().ok()
}

/// What stands at the path of a hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub kind: Kind,
    /// The content; of a link, that of the file that it leads to.
    pub bytes: Vec<u8>,
    /// Whether its owner may run it; git leaves out a hook that nobody may.
    pub executable: bool,
    /// Whether its content is what we wrote last, by our own record.
    pub recorded: bool,
}

/// What sort of file it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    File,
    Symlink,
    /// A directory or something else that is no hook.
    Other,
}

/// A hook's place in the hooks directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    pub hook: Hook,
    pub found: Option<Found>,
    /// What the names of the hook that is not ours end with, where it stands and where it is kept:
    /// nothing, or `.exe`.
    pub extension: &'static str,
    /// Whether `<hook>.ops-migrate-prev` exists, with that extension.
    pub has_previous: bool,
    /// A file that another tool moved our shim to (`pre-commit.legacy`).
    pub moved_to: Option<String>,
    /// Whether our own record says that we have written this hook.
    pub was_ours: bool,
}

impl Slot {
    /// The name of the hook that was here before ours, and the name that it is kept under.
    pub fn names(&self) -> (String, String) {
        (format!("{}{}", self.hook, self.extension), format!("{}{}", self.hook.previous(), self.extension))
    }

    /// Whether one of our shims stands there.
    pub fn is_ours(&self) -> bool {
        self.found.as_ref().is_some_and(|found| matches!(Owner::of(&found.bytes), Owner::Ours { .. }))
    }
}

/// A step of installing or uninstalling, in the hooks directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Action {
    /// It is as it should be.
    Keep { hook: Hook },
    /// Write the shim, over one of ours or where nothing is.
    Write { hook: Hook, bytes: Vec<u8> },
    /// Move a hook; the target does not exist.
    Rename { hook: Hook, from: String, to: String },
    /// Remove our shim.
    Remove { hook: Hook, name: String },
    /// Nothing can be done about this hook, and why.
    Refuse { hook: Hook, why: String },
}

/// What has to be done so that our shims run. A hook manager in charge of any of the hooks is for the
/// caller to look at first ([`manager_of`]).
pub fn plan_install(slots: &[Slot], binary: &str, id: &str) -> Vec<Action> {
    slots.iter().flat_map(|slot| install_one(slot, render(slot.hook, binary, id))).collect()
}

fn install_one(slot: &Slot, bytes: Vec<u8>) -> Vec<Action> {
    let hook = slot.hook;
    let refuse = |why: String| vec![Action::Refuse { hook, why }];
    let Some(found) = &slot.found else { return vec![Action::Write { hook, bytes }] };
    match (found.kind, Owner::of(&found.bytes)) {
        (Kind::Other, _) => refuse(format!("{hook} is not a file")),
        (Kind::File, Owner::Ours { .. }) if found.bytes == bytes && found.executable => vec![Action::Keep { hook }],
        (Kind::File, Owner::Ours { .. }) if found.recorded || is_pristine(hook, &found.bytes) => {
            vec![Action::Write { hook, bytes }]
        }
        (_, Owner::Ours { .. }) => {
            refuse(format!("{hook} is our shim, changed by hand; move your lines elsewhere and delete it"))
        }
        _ => {
            let (from, to) = slot.names();
            match slot.has_previous {
                true => refuse(format!("{from} is not ours, and {to} exists already: one of them has to go first")),
                false => vec![Action::Rename { hook, from, to }, Action::Write { hook, bytes }],
            }
        }
    }
}

/// What has to be done so that everything is as it was before: nothing where no hook of ours is.
pub fn plan_uninstall(slots: &[Slot]) -> Vec<Action> {
    slots.iter().flat_map(uninstall_one).collect()
}

fn uninstall_one(slot: &Slot) -> Vec<Action> {
    let hook = slot.hook;
    let (to, from) = slot.names();
    let previous = from.clone();
    let restore = Action::Rename { hook, from, to };
    let refuse = |why: String| vec![Action::Refuse { hook, why }];
    let Some(found) = &slot.found else {
        return if slot.has_previous { vec![restore] } else { Vec::new() };
    };
    if found.kind != Kind::Other && matches!(Owner::of(&found.bytes), Owner::Ours { .. }) {
        if found.kind == Kind::File && (found.recorded || is_pristine(hook, &found.bytes)) {
            let remove = Action::Remove { hook, name: hook.name().to_owned() };
            return if slot.has_previous { vec![remove, restore] } else { vec![remove] };
        }
        return refuse(format!("{hook} is our shim, changed by hand; delete it yourself"));
    }
    let owner = Owner::of(&found.bytes).name();
    match &slot.moved_to {
        Some(moved) => {
            // pre-commit and prek run what they found under this name; nobody runs the others.
            let state = if moved.ends_with(".legacy") { "and runs it from there" } else { "and does not run it" };
            refuse(format!("{owner} has moved our shim to {moved} {state}; uninstall {owner} first, or delete {moved}"))
        }
        None if slot.has_previous => {
            refuse(format!("{hook} belongs to {owner} now; the hook that was here before ours is {previous}"))
        }
        None => Vec::new(),
    }
}

/// The manager that is in charge of the hooks, by the files found and by where the directory lies.
pub fn manager_of(slots: &[Slot], hooks_path: &str) -> Option<Owner> {
    let by_path = hooks_path.trim_end_matches('/').trim_end_matches("/_").rsplit('/').next() == Some(".husky");
    let mut owners = slots.iter().filter_map(|slot| slot.found.as_ref()).map(|found| Owner::of(&found.bytes));
    owners.find(|owner| owner.is_manager()).or_else(|| by_path.then_some(Owner::Husky))
}

/// One line that git gives a pre-push hook.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// What is pushed, as the user named it; may be an expression such as `HEAD~1`.
    pub local_ref: String,
    pub local_id: String,
    pub remote_ref: String,
    /// What the remote has there; `None` for nothing. It may be a commit that is not here.
    pub remote_id: Option<String>,
}

/// The pushes that bring commits to check: deletions and the references of notes and of remotes are left
/// out, and anything unknown is kept (githooks(5), pre-push).
pub fn pushes(stdin: &str) -> Vec<Push> {
    let is_zero = |id: &str| id.bytes().all(|byte| byte == b'0');
    stdin
        .lines()
        .filter_map(|line| {
            // From the right: only the first field can hold a space.
            let mut fields = line.trim_end().rsplitn(4, ' ');
            let (remote_id, remote_ref) = (fields.next()?, fields.next()?);
            let (local_id, local_ref) = (fields.next()?, fields.next()?);
            let ignored = ["refs/notes/", "refs/remotes/"].iter().any(|prefix| remote_ref.starts_with(prefix));
            (!ignored && !is_zero(local_id)).then(|| Push {
                local_ref: local_ref.to_owned(),
                local_id: local_id.to_owned(),
                remote_ref: remote_ref.to_owned(),
                remote_id: Some(remote_id.to_owned()).filter(|id| !is_zero(id)),
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{
        Action, Found, Hook, Kind, Owner, Slot, baked_binary, is_pristine, manager_of, plan_install, plan_uninstall,
        pushes, render,
    };

    fn file(bytes: impl Into<Vec<u8>>) -> Found {
        Found { kind: Kind::File, bytes: bytes.into(), executable: true, recorded: false }
    }

    fn slot(found: Option<Found>, has_previous: bool) -> Slot {
        Slot { hook: Hook::PreCommit, found, extension: "", has_previous, moved_to: None, was_ours: false }
    }

    /// The steps in short.
    fn steps(actions: &[Action]) -> String {
        let step = |action: &Action| match action {
            Action::Keep { .. } => "keep".to_owned(),
            Action::Write { hook, .. } => format!("write {hook}"),
            Action::Rename { from, to, .. } => format!("rename {from} {to}"),
            Action::Remove { name, .. } => format!("remove {name}"),
            Action::Refuse { why, .. } => format!("refuse: {why}"),
        };
        actions.iter().map(step).collect::<Vec<_>>().join("; ")
    }

    #[test]
    fn shims_are_plain_scripts_for_every_system() {
        for hook in Hook::ALL {
            let bytes = render(hook, "/opt/it's here/cargo-ops-migrate", "0123abcd");
            let text = String::from_utf8(bytes.clone()).unwrap();
            assert!(text.starts_with("#!/bin/sh\n# cargo-ops-migrate shim=1 id=0123abcd hook="), "{text}");
            assert!(text.is_ascii() && !text.contains('\t'), "{text}");
            let left = ["@ID@", "@HOOK@", "@BINARY@", "\r"].into_iter().find(|mark| text.contains(mark));
            assert_eq!(left, None, "{text}");
            assert!(text.ends_with('\n'));
            assert_eq!(Owner::of(&bytes), Owner::Ours { shim: 1 });
            assert!(is_pristine(hook, &bytes));
            assert!(!is_pristine(hook, format!("{text}echo mine\n").as_bytes()));
            assert_eq!(baked_binary(&bytes).as_deref(), Some("/opt/it's here/cargo-ops-migrate"));
        }
    }

    #[test]
    fn the_pre_commit_shims_start_no_program_on_their_way() {
        for hook in [Hook::PreCommit, Hook::PreMergeCommit] {
            let text = String::from_utf8(render(hook, "", "")).unwrap();
            let fast = text.split_once("# The tool is missing").unwrap().0;
            let code = fast.lines().filter(|line| !line.starts_with('#')).collect::<String>();
            assert!(!code.contains("$(") && !code.contains('`') && !code.contains(" | "), "{code}");
        }
    }

    #[test]
    fn owners_are_known_by_their_marks() {
        let cases: &[(&[u8], Owner)] = &[
            (b"#!/usr/bin/env bash\n# File generated by pre-commit: https://pre-commit.com\n", Owner::PreCommit),
            (b"#!/bin/sh\n# File generated by prek: https://github.com/j178/prek\n", Owner::Prek),
            (b"#!/bin/sh\n\ncall_lefthook()\n{\n", Owner::Lefthook),
            (b"#!/usr/bin/env sh\n. \"$(dirname \"$0\")/h\"", Owner::Husky),
            (b"#!/usr/bin/env sh\n. \"$(dirname -- \"$0\")/_/husky.sh\"\n", Owner::Husky),
            (b"#!/bin/sh\n#\n# This hook was set by cargo-husky v1.5.0: x\n", Owner::CargoHusky),
            (b"#!/bin/sh\ncommand -v git-lfs >/dev/null 2>&1 || exit 2\ngit lfs pre-push \"$@\"\n", Owner::GitLfs),
            (b"#!/bin/sh\n# unlike lefthook or husky, this is mine\n", Owner::Foreign),
            (b"\x7fELF\xff\xfe", Owner::Foreign),
            (b"", Owner::Foreign),
        ];
        for (bytes, owner) in cases {
            assert_eq!(Owner::of(bytes), *owner, "{}", String::from_utf8_lossy(bytes));
        }
    }

    #[test]
    fn plans_follow_what_is_there() {
        let ours = render(Hook::PreCommit, "/bin/x", "1");
        let older = render(Hook::PreCommit, "/bin/older", "2");
        let edited = [&ours[..], b"echo mine\n"].concat();
        let idle = Found { executable: false, ..file(ours.clone()) };
        let link = Found { kind: Kind::Symlink, ..file("#!/bin/sh\n") };
        let folder = Found { kind: Kind::Other, ..file("") };
        let aside = "rename pre-commit pre-commit.ops-migrate-prev; write pre-commit";
        let back = "remove pre-commit; rename pre-commit.ops-migrate-prev pre-commit";
        let cases = [
            (slot(None, false), "write pre-commit", ""),
            (slot(None, true), "write pre-commit", "rename pre-commit.ops-migrate-prev pre-commit"),
            (slot(Some(file(ours)), true), "keep", back),
            (slot(Some(file(older)), false), "write pre-commit", "remove pre-commit"),
            (slot(Some(idle), false), "write pre-commit", "remove pre-commit"),
            (
                slot(Some(file(edited)), false),
                "refuse: pre-commit is our shim, changed by hand; move your lines elsewhere and delete it",
                "refuse: pre-commit is our shim, changed by hand; delete it yourself",
            ),
            (slot(Some(file("#!/bin/sh\n")), false), aside, ""),
            (slot(Some(link), false), aside, ""),
            (slot(Some(folder), false), "refuse: pre-commit is not a file", ""),
            (
                slot(Some(file("#!/bin/sh\n")), true),
                "refuse: pre-commit is not ours, and pre-commit.ops-migrate-prev exists already: one of them has to go first",
                "refuse: pre-commit belongs to another hook now; the hook that was here before ours is pre-commit.ops-migrate-prev",
            ),
        ];
        for (slot, install, uninstall) in cases {
            let slots = [slot];
            assert_eq!(steps(&plan_install(&slots, "/bin/x", "1")), install);
            assert_eq!(steps(&plan_uninstall(&slots)), uninstall);
        }
    }

    /// Git for Windows takes a program for a hook where there is no file of the plain name.
    #[test]
    fn row_48_a_program_with_an_extension_keeps_it() {
        let ours = render(Hook::PreCommit, "C:/x/cargo-ops-migrate.exe", "1");
        let before = Slot { extension: ".exe", ..slot(Some(file("MZ")), false) };
        let after = Slot { extension: ".exe", ..slot(Some(file(ours)), true) };
        let both = Slot { extension: ".exe", ..slot(Some(file("MZ")), true) };
        let install = |slot: Slot| steps(&plan_install(&[slot], "C:/x/cargo-ops-migrate.exe", "1"));
        assert_eq!(install(before), "rename pre-commit.exe pre-commit.ops-migrate-prev.exe; write pre-commit");
        assert_eq!(install(after.clone()), "keep");
        assert_eq!(
            install(both),
            "refuse: pre-commit.exe is not ours, and pre-commit.ops-migrate-prev.exe exists already: one of them has to go first"
        );
        assert_eq!(
            steps(&plan_uninstall(&[after])),
            "remove pre-commit; rename pre-commit.ops-migrate-prev.exe pre-commit.exe"
        );
    }

    #[test]
    fn managers_are_seen_by_file_and_by_folder() {
        let lefthook = [slot(Some(file("call_lefthook()")), false)];
        let mine = [slot(Some(file("#!/bin/sh\n")), false)];
        assert_eq!(manager_of(&lefthook, "/r/.git/hooks"), Some(Owner::Lefthook));
        assert_eq!(manager_of(&mine, "/r/.git/hooks"), None);
        for path in ["/r/.husky", "/r/.husky/_", "/r/.husky/_/"] {
            assert_eq!(manager_of(&mine, path), Some(Owner::Husky));
        }
    }

    #[test]
    fn pushed_lines_are_read_from_the_right() {
        let (a, b, zero) = ("a".repeat(40), "b".repeat(40), "0".repeat(64));
        let text = format!(
            "HEAD@{{1 day ago}} {a} refs/for/main {b}\n(delete) {zero} refs/heads/x {b}\nrefs/notes/c {a} refs/notes/c {zero}\n\
             refs/heads/n {a} refs/heads/n {zero}\n\n"
        );
        let found = pushes(&text);
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].local_ref.as_str(), found[0].remote_id.as_deref()),
            ("HEAD@{1 day ago}", Some(b.as_str()))
        );
        assert_eq!((found[1].remote_ref.as_str(), &found[1].remote_id), ("refs/heads/n", &None));
        assert!(pushes("").is_empty() && pushes("nonsense\n").is_empty());
    }
}
