//! Where what was worked out is kept for the next run, and in which form: MessagePack, which reads in a
//! fraction of the time that JSON takes. Where the bytes go is the caller's business; what cannot be
//! read is as good as nothing.

use serde::{Deserialize, Serialize};

/// A store of bytes under short names (`[a-z0-9-]`). A value that is gone or was replaced does no
/// harm; failures to write are the store's own.
pub trait CacheStore {
    fn get(&self, key: &str) -> Option<Vec<u8>>;
    fn put(&mut self, key: &str, bytes: &[u8]);
}

/// Keeps nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoCache;

impl CacheStore for NoCache {
    fn get(&self, _key: &str) -> Option<Vec<u8>> {
        None
    }

    fn put(&mut self, _key: &str, _bytes: &[u8]) {}
}

/// A value that was [`keep`]ed; `None` for what cannot be read.
pub fn unpack<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Option<T> {
    rmp_serde::from_slice(bytes).ok()
}

/// Keeps a value. Fields are named, since some leave themselves out.
pub fn keep(cache: &mut dyn CacheStore, key: &str, value: &impl Serialize) {
    if let Ok(bytes) = rmp_serde::to_vec_named(value) {
        cache.put(key, &bytes);
    }
}
