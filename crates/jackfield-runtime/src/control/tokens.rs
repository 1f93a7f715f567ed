//! Named tokens in the store. The store contains only the digests of the tokens.

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rusqlite::{OptionalExtension as _, Row, params};

use super::store::error::StoreError;
use super::store::seconds::{signed, unsigned};
use super::store::sqlite::{CommitNumber, SqliteStore};
use crate::inbound::named_token::{Finding, FoundToken, NamedTokens, TokenName, TokensUnavailable};
use crate::inbound::token_digest::TokenDigest;

/// The maximum number of cached tokens. Each takes a few hundred bytes.
const MAX_KNOWN: usize = 4096;

/// The tokens of a connector's servers. Several processes may change them, and every lookup sees the latest change.
#[derive(Clone)]
pub(crate) struct StoredTokens {
    store: SqliteStore,
    known: Arc<Mutex<Known>>,
}

/// The cached tokens, which were looked up since the last commit.
#[derive(Default)]
struct Known {
    commit: Option<CommitNumber>,
    tokens: HashMap<TokenDigest, FoundToken>,
}

/// A token as the command `token list` shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ListedToken {
    pub(crate) name: TokenName,
    pub(crate) scopes: Vec<String>,
    pub(crate) created: u64,
    pub(crate) expires: u64,
}

impl StoredTokens {
    pub(crate) fn new(store: SqliteStore) -> Self {
        Self { store, known: Arc::default() }
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Stores the digest of a new token. An expired token of the same name is replaced. Returns false if a token of that
    /// name has not expired.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written.
    pub(crate) fn add(&self, token: &ListedToken, digest: &TokenDigest) -> Result<bool, StoreError> {
        self.store.change(|it| {
            let name = token.name.as_str();
            it.execute(
                "DELETE FROM named_tokens WHERE name = ?1 AND expires <= ?2",
                params![name, signed(token.created)],
            )?;
            let added = it.execute(
                "INSERT INTO named_tokens (name, digest, scopes, created, expires) VALUES (?1, ?2, ?3, ?4, ?5)
                 ON CONFLICT (name) DO NOTHING",
                params![name, digest, token.scopes.join(" "), signed(token.created), signed(token.expires)],
            )?;
            Ok(added == 1)
        })
    }

    /// Returns all tokens, sorted by name.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read.
    pub(crate) fn list(&self) -> Result<Vec<ListedToken>, StoreError> {
        self.store.read(|it| {
            let mut select =
                it.prepare("SELECT name, scopes, created, expires FROM named_tokens ORDER BY name")?;
            let tokens = select.query_map([], |row| {
                Ok(ListedToken {
                    name: name_in(row)?,
                    scopes: scopes_in(row)?,
                    created: unsigned(row, "created")?,
                    expires: unsigned(row, "expires")?,
                })
            })?;
            Ok(tokens.collect::<Result<_, _>>()?)
        })
    }

    /// Returns the names of all tokens.
    ///
    /// # Errors
    /// Returns an error if the store cannot be read.
    pub(crate) fn names(&self) -> Result<HashSet<String>, StoreError> {
        self.store.read(|it| {
            let mut select = it.prepare("SELECT name FROM named_tokens")?;
            let names = select.query_map([], |row| row.get(0))?;
            Ok(names.collect::<Result<_, _>>()?)
        })
    }

    /// Removes a token. Returns false if there is no token with that name.
    ///
    /// # Errors
    /// Returns an error if the store cannot be written.
    pub(crate) fn revoke(&self, name: &TokenName) -> Result<bool, StoreError> {
        self.store.change(|it| {
            Ok(it.execute("DELETE FROM named_tokens WHERE name = ?1", params![name.as_str()])? == 1)
        })
    }
}

/// Removes the token with the given name from the state in a folder. Returns false if there is no such token.
///
/// # Errors
/// Returns an error if the state cannot be written.
pub fn revoke_token(folder: &Path, name: &str) -> Result<bool, StoreError> {
    match TokenName::parse(name) {
        Some(name) => StoredTokens::new(SqliteStore::open(folder)?).revoke(&name),
        None => Ok(false),
    }
}

impl NamedTokens for StoredTokens {
    /// Finds a cached token, provided that no process has committed to the store since the token was cached. So a revocation
    /// applies to the next request. Reading the number of the latest commit takes a few microseconds and no disk access,
    /// so it runs on this thread: moving it to a blocking thread would take most of the time of a request.
    fn recall(&self, digest: &TokenDigest) -> Option<FoundToken> {
        let commit = self.store.latest_commit()?;
        let known = self.known();
        if known.commit == Some(commit) { known.tokens.get(digest).cloned() } else { None }
    }

    fn find(&self, digest: TokenDigest) -> Finding<'_> {
        Box::pin(async move {
            let found = self.store.run(move |store| {
                store.read(|it| {
                    // The commit number is read before the token. If a commit happens in between, the cached number is too old, so the
                    // next lookup reads the token again.
                    let commit = CommitNumber::of(it)?;
                    let mut select =
                        it.prepare("SELECT name, scopes, expires FROM named_tokens WHERE digest = ?1")?;
                    let found = select.query_row(params![digest], |row| {
                        let (name, scopes) = (name_in(row)?, scopes_in(row)?);
                        Ok(FoundToken { name, scopes, expires: unsigned(row, "expires")? })
                    });
                    Ok((commit, found.optional()?))
                })
            });
            let (commit, found) = found.await.map_err(|error| TokensUnavailable(error.to_string()))?;
            // Unknown tokens are not cached, because a client can invent any number of them.
            if let Some(found) = &found {
                let mut known = self.known();
                if known.commit != Some(commit) || known.tokens.len() >= MAX_KNOWN {
                    known.tokens.clear();
                }
                known.commit = Some(commit);
                known.tokens.insert(digest, found.clone());
            }
            Ok(found)
        })
    }
}

fn name_in(row: &Row<'_>) -> Result<TokenName, rusqlite::Error> {
    let text: String = row.get("name")?;
    let damaged = || rusqlite::Error::InvalidColumnType(0, "name".to_owned(), rusqlite::types::Type::Text);
    TokenName::parse(&text).ok_or_else(damaged)
}

fn scopes_in(row: &Row<'_>) -> Result<Vec<String>, rusqlite::Error> {
    let text: String = row.get("scopes")?;
    Ok(text.split(' ').filter(|scope| !scope.is_empty()).map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbound::token_digest::token_digest;

    fn token(name: &str, created: u64) -> ListedToken {
        let name = TokenName::parse(name).unwrap();
        ListedToken { name, scopes: vec!["a".to_owned(), "b".to_owned()], created, expires: created + 100 }
    }

    #[tokio::test]
    async fn token_is_found_by_its_digest_until_another_process_revokes_it() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("shop");
        // Each store has its own connection, as two processes would have.
        let [server, command] = [(); 2].map(|()| StoredTokens::new(SqliteStore::open(&folder).unwrap()));
        let digest = token_digest("jft_x");
        assert_eq!(server.find(digest).await, Ok(None));
        assert!(command.add(&token("ci", 1000), &digest).unwrap());
        let found = server.find(digest).await.unwrap().unwrap();
        assert_eq!((found.name.as_str(), found.scopes.len(), found.expires), ("ci", 2, 1100));
        assert_eq!(server.find(token_digest("jft_y")).await, Ok(None));
        assert!(command.revoke(&found.name).unwrap() && !command.revoke(&found.name).unwrap());
        assert_eq!(server.find(digest).await, Ok(None));
    }

    #[tokio::test]
    async fn cached_token_is_dropped_when_any_process_changes_the_store() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("shop");
        let [server, command] = [(); 2].map(|()| StoredTokens::new(SqliteStore::open(&folder).unwrap()));
        let [digest, other] = ["jft_x", "jft_y"].map(token_digest);
        command.add(&token("ci", 1000), &digest).unwrap();
        assert_eq!(server.recall(&digest), None);
        let found = server.find(digest).await.unwrap();
        assert!(found.is_some());
        assert_eq!(server.recall(&digest), found);
        assert_eq!((server.recall(&other), server.find(other).await), (None, Ok(None)));
        // Looking up an unknown token does not evict cached tokens.
        assert_eq!(server.recall(&digest), found);
        for (changer, name) in [(&command, "one"), (&server, "two")] {
            changer.add(&token(name, 1000), &token_digest(name)).unwrap();
            assert_eq!(server.recall(&digest), None, "{name}");
            assert_eq!(server.find(digest).await.unwrap(), found);
            assert_eq!(server.recall(&digest), found);
        }
        command.revoke(&found.unwrap().name).unwrap();
        assert_eq!((server.recall(&digest), server.find(digest).await), (None, Ok(None)));
        // If another thread uses the connection, the cache returns nothing.
        let name = token_digest("one");
        assert!(server.find(name).await.unwrap().is_some() && server.recall(&name).is_some());
        assert_eq!(server.store.read(|_| Ok(server.recall(&name))), Ok(None));
    }

    #[tokio::test]
    async fn cached_tokens_are_bounded() {
        let tokens = StoredTokens::new(SqliteStore::in_memory().unwrap());
        tokens.add(&token("ci", 1000), &[1; 32]).unwrap();
        let found = tokens.find([1; 32]).await.unwrap().unwrap();
        for at in 0..MAX_KNOWN as u64 {
            let mut digest = [0; 32];
            digest[..8].copy_from_slice(&at.to_be_bytes());
            tokens.known().tokens.insert(digest, found.clone());
        }
        tokens.find([1; 32]).await.unwrap();
        assert_eq!(tokens.known().tokens.len(), 1);
    }

    #[test]
    fn token_name_cannot_be_reused_before_its_token_expires() {
        let tokens = StoredTokens::new(SqliteStore::in_memory().unwrap());
        assert!(tokens.add(&token("ci", 1000), &[1; 32]).unwrap());
        assert!(!tokens.add(&token("ci", 1099), &[2; 32]).unwrap());
        assert!(tokens.add(&token("ci", 1100), &[3; 32]).unwrap());
        assert!(tokens.add(&token("backup", 1100), &[4; 32]).unwrap());
        let names: Vec<String> = tokens.list().unwrap().iter().map(|it| it.name.to_string()).collect();
        assert_eq!(names, ["backup", "ci"]);
    }
}
