//! The schema at a revision: the scripts of a chain replayed in order, with snapshots, so that of
//! a long chain only what is new since the last time is read and parsed. Where snapshots are kept
//! is the caller's business ([`CacheStore`]); a lost or foreign snapshot only costs time.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::cache::{CacheStore, NoCache, keep, unpack};
use super::script::hex;
use super::{Chain, Content, REVISION_FILES, Revision};
use crate::catalog::Catalog;
use crate::dialect::Dialect;
use crate::error::{Error, Result};
use crate::replay;
use crate::tree::{Entry, Tree};

/// How many snapshots are kept for a directory: some branches with two each.
const SLOTS: usize = 8;

/// Part of every key: raised when a replay of the same texts gives another catalog, or the same listing
/// other heads.
const FORMAT: u32 = 6;

/// The catalog after revision `upto` and everything that it builds on; after all heads for `None`.
///
/// # Errors
/// Where a script cannot be read, is not UTF-8 or does not parse; where `upto` is unknown.
pub fn catalog_at(tree: &dyn Tree, chain: &Chain, dialect: Dialect, upto: Option<&str>) -> Result<Catalog> {
    catalog_with_cache(tree, chain, dialect, upto, &mut NoCache)
}

/// The catalog that a revision meets: after everything that it builds on.
///
/// # Errors
/// As for [`catalog_at`].
pub fn catalog_before(
    tree: &dyn Tree,
    chain: &Chain,
    dialect: Dialect,
    id: &str,
    cache: &mut dyn CacheStore,
) -> Result<Catalog> {
    let mut line = line(chain, Some(id))?;
    line.pop();
    replayed(tree, chain, dialect, &line, cache)
}

/// [`catalog_at`] with snapshots. A warm cache costs one small and one big value read; with all
/// but the newest revision in it, one script is read and parsed.
///
/// # Errors
/// As for [`catalog_at`].
pub fn catalog_with_cache(
    tree: &dyn Tree,
    chain: &Chain,
    dialect: Dialect,
    upto: Option<&str>,
    cache: &mut dyn CacheStore,
) -> Result<Catalog> {
    replayed(tree, chain, dialect, &line(chain, upto)?, cache)
}

/// The revisions to replay, in order.
fn line<'a>(chain: &'a Chain, upto: Option<&str>) -> Result<Vec<&'a Revision>> {
    match upto {
        None => Ok(chain.revisions().iter().collect()),
        Some(id) if chain.position(id).is_some() => Ok(chain.ancestors(id)),
        Some(id) => Err(Error::undecided(format!("there is no revision `{id}`"))),
    }
}

fn replayed(
    tree: &dyn Tree,
    chain: &Chain,
    dialect: Dialect,
    line: &[&Revision],
    cache: &mut dyn CacheStore,
) -> Result<Catalog> {
    let keys = prefix_keys(tree, chain, dialect, line)?;
    let mut snapshots = Snapshots::open(cache, dialect, &chain.directory);
    let (done, mut catalog) = snapshots.longest(&keys).unwrap_or_else(|| (0, Catalog::empty(dialect)));
    for (at, revision) in line.iter().enumerate().skip(done) {
        // The state before the newest revision is what the next question is about most often.
        if at > done && at + 1 == line.len() {
            snapshots.put(at, &keys[at], &catalog);
        }
        let script = chain.up(tree, revision)?;
        // Diesel would refuse a file that says nothing at all.
        if script.content == Content::Empty {
            script.runnable()?;
        } else if script.content == Content::Statements && revision.repair.is_none() {
            replay::apply(&mut catalog, &script.text, &script.file)?;
        }
    }
    if done < line.len() {
        snapshots.put(line.len(), &keys[line.len()], &catalog);
    }
    if line.len() == chain.revisions().len()
        && let Some(listing) = listing(tree, &chain.directory, dialect)?
    {
        let heads = chain.heads().iter().map(|head| head.directory.clone()).collect();
        snapshots.note(&keys[line.len()], Whole { listing, heads });
    }
    Ok(catalog)
}

/// A hash over tool, dialect and all that a tree lists below a directory; `None` where the listing does
/// not tell what the files hold.
fn listing(tree: &dyn Tree, directory: &str, dialect: Dialect) -> Result<Option<String>> {
    let mut hasher = Sha256::new();
    hasher.update(start(dialect));
    for entry in tree.outline(directory, REVISION_FILES)?.iter() {
        let Some(stamp) = &entry.stamp else { return Ok(None) };
        for part in [&entry.path, stamp] {
            hasher.update(part);
            hasher.update(b"\0");
        }
    }
    Ok(Some(hex(&hasher.finalize())))
}

/// What every key begins with.
fn start(dialect: Dialect) -> String {
    format!("{FORMAT} {} {dialect}", env!("CARGO_PKG_VERSION"))
}

/// A chain as far as a gate asks for it: its heads, and the catalog at its end. Of one that was seen
/// before, as the listing of its directory tells, no revision is looked at.
pub struct End<'a> {
    tree: &'a dyn Tree,
    directory: &'a str,
    dialect: Dialect,
    /// The directories of the revisions that nothing follows.
    pub heads: Vec<String>,
    found: Found,
}

enum Found {
    /// The snapshot that holds the catalog.
    Slot(usize, String),
    Chain(Chain),
}

impl<'a> End<'a> {
    /// Recalls or loads the chain of a directory.
    ///
    /// # Errors
    /// As for [`Chain::load`].
    pub fn load(tree: &'a dyn Tree, directory: &'a str, dialect: Dialect, cache: &mut dyn CacheStore) -> Result<Self> {
        let known = match listing(tree, directory, dialect)? {
            Some(listing) => Snapshots::open(cache, dialect, directory).listed(&listing),
            None => None,
        };
        let (heads, found) = match known {
            Some((heads, slot, key)) => (heads, Found::Slot(slot, key)),
            None => {
                let chain = Chain::load_with_cache(tree, directory, cache)?;
                (chain.heads().iter().map(|head| head.directory.clone()).collect(), Found::Chain(chain))
            }
        };
        Ok(Self { tree, directory, dialect, heads, found })
    }

    /// The catalog at its end.
    ///
    /// # Errors
    /// As for [`catalog_at`].
    pub fn catalog(&self, cache: &mut dyn CacheStore) -> Result<Catalog> {
        let loaded;
        let chain = match &self.found {
            Found::Chain(chain) => chain,
            Found::Slot(number, key) => {
                if let Some(catalog) = Snapshots::open(cache, self.dialect, self.directory).catalog(*number, key) {
                    return Ok(catalog);
                }
                loaded = Chain::load_with_cache(self.tree, self.directory, cache)?;
                &loaded
            }
        };
        catalog_with_cache(self.tree, chain, self.dialect, None, cache)
    }
}

/// For every number of revisions from 0 a key that is equal only where the replay so far is: a
/// hash over tool, dialect, names and contents. Contents are known by their stamps; a tree that
/// has none is read.
fn prefix_keys(tree: &dyn Tree, chain: &Chain, dialect: Dialect, line: &[&Revision]) -> Result<Vec<[u8; 32]>> {
    let mut key: [u8; 32] = Sha256::digest(start(dialect).as_bytes()).into();
    let mut keys = Vec::with_capacity(line.len() + 1);
    keys.push(key);
    for revision in line {
        let mut hasher = Sha256::new();
        hasher.update(key);
        hasher.update(revision.directory.as_bytes());
        if revision.repair.is_some() {
            hasher.update(b"\0repair");
        }
        let path = || chain.path(revision, "up.sql");
        let stamp = match &revision.up_stamp {
            Some(stamp) => Some(Cow::Borrowed(stamp.as_str())),
            None => tree.stamp(&Entry { path: path(), stamp: None }).map(Cow::Owned),
        };
        match stamp {
            Some(stamp) => {
                hasher.update(b"\0stamp\0");
                hasher.update(stamp.as_bytes());
            }
            None => {
                hasher.update(b"\0bytes\0");
                hasher.update(tree.read(&path())?.unwrap_or_default());
            }
        }
        key = hasher.finalize().into();
        keys.push(key);
    }
    Ok(keys)
}

/// The snapshots of one directory: an index and a few slots, so that the cache never grows.
struct Snapshots<'a> {
    cache: &'a mut dyn CacheStore,
    scope: String,
    index: Index,
}

#[derive(Default, Serialize, Deserialize)]
struct Index {
    slots: Vec<Slot>,
    /// The slot to be written next.
    next: usize,
}

#[derive(Serialize, Deserialize)]
struct Slot {
    /// How many revisions are in it.
    count: usize,
    key: String,
    /// What it is the end of, where it is that of a whole chain.
    whole: Option<Whole>,
}

/// A whole chain, as far as a gate asks for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Whole {
    /// Of what the tree lists below the directory.
    listing: String,
    /// The directories of the heads.
    heads: Vec<String>,
}

#[derive(Serialize)]
struct Written<'a> {
    key: &'a str,
    catalog: &'a Catalog,
}

#[derive(Deserialize)]
struct Read {
    key: String,
    catalog: Catalog,
}

impl<'a> Snapshots<'a> {
    fn open(cache: &'a mut dyn CacheStore, dialect: Dialect, directory: &str) -> Self {
        let scope = hex(&Sha256::digest(format!("{dialect} {directory}").as_bytes())[..8]);
        let index = cache.get(&format!("catalog-{scope}")).and_then(|bytes| unpack(&bytes));
        // One that names slots as they are never written is damaged.
        let index = index.filter(|index: &Index| index.slots.len() <= SLOTS && index.next <= index.slots.len());
        Self { cache, scope, index: index.unwrap_or_default() }
    }

    /// The snapshot that saves most work.
    fn longest(&self, keys: &[[u8; 32]]) -> Option<(usize, Catalog)> {
        let fits = |slot: &Slot| keys.get(slot.count).is_some_and(|key| hex(key) == slot.key);
        let mut slots: Vec<(usize, &Slot)> =
            self.index.slots.iter().enumerate().filter(|(_, slot)| fits(slot)).collect();
        slots.sort_by_key(|(_, slot)| std::cmp::Reverse(slot.count));
        slots.into_iter().find_map(|(number, slot)| Some((slot.count, self.catalog(number, &slot.key)?)))
    }

    /// What a slot holds, if that is what it should.
    fn catalog(&self, number: usize, key: &str) -> Option<Catalog> {
        let read: Read = unpack(&self.cache.get(&self.slot_name(number))?)?;
        (read.key == key).then_some(read.catalog)
    }

    /// The heads of a chain that was listed so, and the slot and key of its catalog.
    fn listed(&self, listing: &str) -> Option<(Vec<String>, usize, String)> {
        self.index.slots.iter().enumerate().find_map(|(number, slot)| {
            let whole = slot.whole.as_ref().filter(|whole| whole.listing == listing)?;
            Some((whole.heads.clone(), number, slot.key.clone()))
        })
    }

    /// Notes that a catalog is that of a whole chain.
    fn note(&mut self, key: &[u8; 32], whole: Whole) {
        let key = hex(key);
        if let Some(slot) =
            self.index.slots.iter_mut().find(|slot| slot.key == key && slot.whole.as_ref() != Some(&whole))
        {
            slot.whole = Some(whole);
            keep(self.cache, &format!("catalog-{}", self.scope), &self.index);
        }
    }

    fn put(&mut self, count: usize, key: &[u8; 32], catalog: &Catalog) {
        let key = hex(key);
        let number = match self.index.slots.iter().position(|slot| slot.key == key) {
            Some(number) => number,
            None => self.index.next % SLOTS,
        };
        let name = self.slot_name(number);
        keep(self.cache, &name, &Written { key: &key, catalog });
        let slot = Slot { count, key, whole: None };
        match self.index.slots.get_mut(number) {
            Some(old) => *old = slot,
            None => self.index.slots.push(slot),
        }
        self.index.next = (number + 1) % SLOTS;
        keep(self.cache, &format!("catalog-{}", self.scope), &self.index);
    }

    fn slot_name(&self, number: usize) -> String {
        format!("catalog-{}-{number}", self.scope)
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;
    use std::collections::BTreeMap;
    use std::rc::Rc;

    use super::{End, catalog_at, catalog_before, catalog_with_cache, line};
    use crate::chain::tests::sketch;
    use crate::chain::{CacheStore, Chain};
    use crate::dialect::Dialect;
    use crate::error::Result;
    use crate::tree::{Entry, MemTree, Tree};

    #[derive(Default)]
    struct MemCache(BTreeMap<String, Vec<u8>>);

    impl CacheStore for MemCache {
        fn get(&self, key: &str) -> Option<Vec<u8>> {
            self.0.get(key).cloned()
        }

        fn put(&mut self, key: &str, bytes: &[u8]) {
            self.0.insert(key.to_owned(), bytes.to_vec());
        }
    }

    /// A tree that has stamps and counts what is read.
    struct Counted {
        tree: MemTree,
        read: RefCell<Vec<String>>,
    }

    impl Tree for Counted {
        fn files(&self, directory: &str) -> Result<Rc<Vec<Entry>>> {
            let mut files = self.tree.files(directory)?.as_ref().clone();
            for file in &mut files {
                file.stamp = self.tree.files.get(&file.path).map(|bytes| String::from_utf8_lossy(bytes).into_owned());
            }
            Ok(Rc::new(files))
        }

        fn read(&self, path: &str) -> Result<Option<Vec<u8>>> {
            let name = path.split('/').nth(1).unwrap_or(path);
            let sign = if path.ends_with("up.sql") { "" } else { "m" };
            self.read.borrow_mut().push(format!("{sign}{name}"));
            self.tree.read(path)
        }
    }

    fn reads(tree: &MemTree, upto: Option<&str>, cache: &mut MemCache) -> String {
        let counted = Counted { tree: tree.clone(), read: RefCell::default() };
        let chain = Chain::load_with_cache(&counted, "migrations", cache).unwrap();
        let cached = catalog_with_cache(&counted, &chain, Dialect::Mysql, upto, cache).unwrap();
        let read = counted.read.borrow().join(" ");
        assert_eq!(cached, catalog_at(&counted, &chain, Dialect::Mysql, upto).unwrap());
        read
    }

    /// The end of a chain that was seen before is known without a look at any file, and damage is mended.
    #[test]
    fn the_end_of_a_known_chain_is_recalled() {
        let (mut cache, mut tree) = (MemCache::default(), sketch(&["a after base", "b after a", "c after a"]));
        let end = |tree: &MemTree, cache: &mut MemCache| {
            let counted = Counted { tree: tree.clone(), read: RefCell::default() };
            let end = End::load(&counted, "migrations", Dialect::Mysql, cache).unwrap();
            let (heads, catalog) = (end.heads.clone(), end.catalog(cache).unwrap());
            let chain = Chain::load(tree, "migrations").unwrap();
            assert_eq!(catalog, catalog_at(tree, &chain, Dialect::Mysql, None).unwrap());
            assert_eq!(heads, chain.heads().iter().map(|head| head.directory.clone()).collect::<Vec<_>>());
            counted.read.into_inner().len()
        };
        assert!(end(&tree, &mut cache) > 0);
        assert_eq!(end(&tree, &mut cache), 0);
        for (name, value) in &mut cache.0 {
            if !name.starts_with("chain") && name.matches('-').count() == 2 {
                value.truncate(9);
            }
        }
        assert!(end(&tree, &mut cache) > 0);
        assert_eq!(end(&tree, &mut cache), 0);
        let first = tree.files.keys().find(|path| path.ends_with("up.sql")).unwrap().clone();
        tree.files.insert(first, b"SELECT 2".to_vec());
        assert!(end(&tree, &mut cache) > 0);
        assert_eq!(end(&tree, &mut cache), 0);
    }

    #[test]
    fn only_what_is_new_is_read() {
        let (mut cache, mut tree) = (MemCache::default(), sketch(&["1_a", "2_b", "3_c"]));
        assert_eq!(reads(&tree, None, &mut cache), "1_a 2_b 3_c");
        assert_eq!(reads(&tree, None, &mut cache), "");
        assert_eq!(reads(&tree, Some("2"), &mut cache), "");
        assert_eq!(reads(&tree, Some("1"), &mut cache), "1_a");
        tree.files.insert("migrations/4_d/up.sql".to_owned(), b"SELECT 4".to_vec());
        assert_eq!(reads(&tree, None, &mut cache), "4_d");
        tree.files.insert("migrations/4_d/up.sql".to_owned(), b"SELECT 5".to_vec());
        assert_eq!(reads(&tree, None, &mut cache), "4_d");
        tree.files.insert("migrations/2_b/up.sql".to_owned(), b"SELECT 2".to_vec());
        assert_eq!(reads(&tree, None, &mut cache), "2_b 3_c 4_d");
        assert_eq!(reads(&tree, None, &mut cache), "");
    }

    /// What a warm answer reads does not depend on how long the chain is.
    #[test]
    fn of_a_chain_with_metadata_only_what_is_new_is_read() {
        for length in [3, 300] {
            let (mut cache, mut tree) = (MemCache::default(), MemTree::default());
            let add = |tree: &mut MemTree, n: usize| {
                tree.files.insert(format!("migrations/{}_x/up.sql", 1000 + n), format!("SELECT {n}").into_bytes());
                let metadata = "run_in_transaction = true\n".as_bytes().to_vec();
                tree.files.insert(format!("migrations/{}_x/metadata.toml", 1000 + n), metadata);
            };
            (0..length).for_each(|n| add(&mut tree, n));
            assert_eq!(reads(&tree, None, &mut cache).split(' ').count(), 2 * length);
            assert_eq!(reads(&tree, None, &mut cache), "");
            add(&mut tree, length);
            assert_eq!(reads(&tree, None, &mut cache), format!("m{0}_x {0}_x", 1000 + length));
        }
    }

    #[test]
    fn the_cache_never_grows_and_may_be_damaged() {
        let (mut cache, mut tree) = (MemCache::default(), sketch(&["10_a"]));
        for n in 11..40 {
            tree.files.insert(format!("migrations/{n}_x/up.sql"), format!("SELECT {n}").into_bytes());
            assert_eq!(reads(&tree, None, &mut cache).rsplit(' ').next(), Some(format!("{n}_x").as_str()));
        }
        assert_eq!(cache.0.len(), super::SLOTS + 1);
        cache.0.values_mut().for_each(|value| value.truncate(9));
        assert_eq!(reads(&tree, None, &mut cache).split(' ').count(), 30);
    }

    #[test]
    fn a_branch_does_not_see_the_other() {
        let tree = sketch(&["a after base", "b after a", "c after a", "d after c"]);
        let chain = Chain::load(&tree, "migrations").unwrap();
        let ids = |upto: Option<&str>| -> String {
            line(&chain, upto).unwrap().iter().map(|revision| &revision.id[..1]).collect()
        };
        assert_eq!(
            (ids(None), ids(Some(&"d".repeat(12))), ids(Some(&"b".repeat(12)))),
            ("abcd".to_owned(), "acd".to_owned(), "ab".to_owned())
        );
        let before = catalog_before(&tree, &chain, Dialect::Mysql, &"a".repeat(12), &mut MemCache::default()).unwrap();
        assert!(before.uncertain.is_empty());
        assert!(catalog_at(&tree, &chain, Dialect::Mysql, Some("zz")).is_err());
    }
}
