//! The scripts of revisions, read ahead of the walk. What a parser makes of a text needs no schema, so that it
//! is done on a thread of its own; the walk takes it up in the order of the chain.

use std::collections::VecDeque;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use crate::chain::{Chain, Revision, Script};
use crate::dialect::Dialect;
use crate::error::Result;
use crate::replay::Prepared;
use crate::tree::Tree;

/// A script and what its text says by itself.
pub(super) struct Read {
    pub(super) script: Script,
    pub(super) prepared: Prepared,
}

/// Both scripts of a revision.
pub(super) struct Scripts {
    pub(super) up: Read,
    pub(super) down: Read,
}

impl Scripts {
    /// Both, read now.
    ///
    /// # Errors
    /// Where one cannot be read.
    pub(super) fn read(tree: &dyn Tree, chain: &Chain, dialect: Dialect, revision: &Revision) -> Result<Self> {
        Ok(Self::prepared(dialect, texts(tree, chain, revision)?))
    }

    fn prepared(dialect: Dialect, [up, down]: [Script; 2]) -> Self {
        let read = |script: Script| Read { prepared: Prepared::of(dialect, &script.text), script };
        Self { up: read(up), down: read(down) }
    }
}

fn texts(tree: &dyn Tree, chain: &Chain, revision: &Revision) -> Result<[Script; 2]> {
    Ok([chain.up(tree, revision)?, chain.down(tree, revision)?])
}

/// Whose scripts are read, in the order in which they are asked for.
pub(super) struct Ahead<'a> {
    tree: &'a dyn Tree,
    chain: &'a Chain,
    dialect: Dialect,
    parser: Option<Parser<'a>>,
}

/// The walk's side of the parser's thread. Revisions go there and come back in batches: to wake a thread costs
/// more than to parse a short script.
struct Parser<'a> {
    left: std::slice::Iter<'a, &'a Revision>,
    texts: Sender<Vec<[Script; 2]>>,
    read: Receiver<Vec<Scripts>>,
    /// The bytes of what is on the way, by batch.
    under_way: VecDeque<usize>,
    /// What has come back.
    ready: std::vec::IntoIter<Scripts>,
}

/// From so many revisions on, a thread for them pays.
const MANY: usize = 32;

/// So many bytes of text may be on the way, so that memory does not grow with the chain.
const MOST: usize = 1 << 18;

/// A batch ends with the revision that makes it as long, in bytes of text.
const BATCH: usize = 1 << 14;

/// What counts for a text beside its bytes.
const AROUND: usize = 256;

/// The thread's stack, for texts that nest; longer ones get a thread of their own.
const STACK: usize = 8 << 20;

/// Runs a walk along revisions, whose scripts are read ahead of it.
pub(super) fn ahead<T>(
    tree: &dyn Tree,
    chain: &Chain,
    dialect: Dialect,
    targets: &[&Revision],
    walk: impl FnOnce(&mut Ahead<'_>) -> T,
) -> T {
    thread::scope(|scope| {
        let start = || {
            let (texts, asked) = channel::<Vec<[Script; 2]>>();
            let (done, read) = channel();
            let all = move |batch: Vec<_>| batch.into_iter().map(|both| Scripts::prepared(dialect, both)).collect();
            // Ends with the walk, which holds the other ends.
            let parse = move || {
                let _gone = asked.into_iter().try_for_each(|batch| done.send(all(batch)));
            };
            // Where no thread is to be had, the walk parses by itself.
            thread::Builder::new().stack_size(STACK).spawn_scoped(scope, parse).ok()?;
            let (under_way, ready) = Default::default();
            Some(Parser { left: targets.iter(), texts, read, under_way, ready })
        };
        let pays = targets.len() >= MANY && dialect == Dialect::Postgres;
        walk(&mut Ahead { tree, chain, dialect, parser: pays.then(start).flatten() })
    })
}

impl Ahead<'_> {
    /// The scripts of the next revision.
    ///
    /// # Errors
    /// Where one cannot be read: this revision's, or one of those that follow.
    pub(super) fn scripts(&mut self, revision: &Revision) -> Result<Scripts> {
        let parsed = match &mut self.parser {
            Some(parser) => parser.next(self.tree, self.chain)?,
            None => None,
        };
        match parsed {
            Some(scripts) => Ok(scripts),
            None => Scripts::read(self.tree, self.chain, self.dialect, revision),
        }
    }
}

impl Parser<'_> {
    fn next(&mut self, tree: &dyn Tree, chain: &Chain) -> Result<Option<Scripts>> {
        if let Some(scripts) = self.ready.next() {
            return Ok(Some(scripts));
        }
        while self.under_way.iter().sum::<usize>() < MOST && self.send(tree, chain)? {}
        if self.under_way.pop_front().is_some() {
            self.ready = self.read.recv().unwrap_or_default().into_iter();
        }
        Ok(self.ready.next())
    }

    /// Whether there was another batch.
    fn send(&mut self, tree: &dyn Tree, chain: &Chain) -> Result<bool> {
        let (mut batch, mut bytes) = (Vec::new(), 0);
        while bytes < BATCH
            && let Some(revision) = self.left.next()
        {
            let both = texts(tree, chain, revision)?;
            bytes += both.iter().map(|script| script.text.len() + AROUND).sum::<usize>();
            batch.push(both);
        }
        if batch.is_empty() {
            return Ok(false);
        }
        self.under_way.push_back(bytes);
        Ok(self.texts.send(batch).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeSet;
    use std::rc::Rc;

    use super::ahead;
    use crate::chain::Chain;
    use crate::dialect::Dialect;
    use crate::error::Result;
    use crate::tree::{Entry, MemTree, Tree};

    /// Notes which files somebody has read.
    struct Watched {
        files: MemTree,
        read: RefCell<BTreeSet<String>>,
    }

    impl Tree for Watched {
        fn files(&self, directory: &str) -> Result<Rc<Vec<Entry>>> {
            self.files.files(directory)
        }

        fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
            self.read.borrow_mut().insert(path.to_owned());
            self.files.read(path)
        }
    }

    /// How many up.sql of `count` revisions with so many bytes each are read when the first is looked at; each
    /// revision has to get its own.
    fn check(dialect: Dialect, count: usize, bytes: usize, read_ahead: usize) {
        let up = |n: usize| format!("CREATE TABLE t{n} (id int); --{}", "x".repeat(bytes));
        let file = |n: usize| format!("migrations/2024-01-01-{n:06}_r/up.sql");
        let files = MemTree::new((0..count).map(|n| (file(n), up(n))));
        let tree = Watched { files, read: RefCell::default() };
        let chain = Chain::load(&tree, "migrations").unwrap();
        let targets: Vec<_> = chain.revisions().iter().collect();
        ahead(&tree, &chain, dialect, &targets, |ahead| {
            for (n, revision) in targets.iter().enumerate() {
                let scripts = ahead.scripts(revision).unwrap();
                assert_eq!(scripts.up.script.text, up(n));
                assert_eq!(scripts.down.script.text, "");
                let read = tree.read.borrow().iter().filter(|path| path.ends_with("/up.sql")).count();
                assert_eq!(read, count.min(n + read_ahead), "{dialect}: {n}");
            }
        });
        // Somebody may stop on the way.
        ahead(&tree, &chain, dialect, &targets, |ahead| ahead.scripts(targets[0]).map(|_| ())).unwrap();
    }

    #[test]
    fn scripts_come_in_order_and_few_are_on_the_way() {
        check(Dialect::Postgres, 100, 10, 100);
        check(Dialect::Postgres, 40, 100_000, 3);
        check(Dialect::Postgres, 40, 1_000_000, 1);
        // A short chain, and a dialect that is read as it is followed.
        check(Dialect::Postgres, 8, 10, 1);
        check(Dialect::Sqlite, 100, 10, 1);
    }

    #[test]
    fn a_script_that_cannot_be_read_ends_the_walk() {
        let mut files = MemTree::new((0..40).map(|n| (format!("migrations/2024-01-01-{n:06}_r/up.sql"), "SELECT 1;")));
        files.files.insert("migrations/2024-01-01-000007_r/down.sql".to_owned(), b"\xff".to_vec());
        let chain = Chain::load(&files, "migrations").unwrap();
        let targets: Vec<_> = chain.revisions().iter().collect();
        let walk = ahead(&files, &chain, Dialect::Postgres, &targets, |ahead| {
            targets.iter().try_for_each(|revision| ahead.scripts(revision).map(|_| ()))
        });
        let error = walk.unwrap_err().to_string();
        assert!(error.starts_with("migrations/2024-01-01-000007_r/down.sql:1: the file is not UTF-8"), "{error}");
    }
}
