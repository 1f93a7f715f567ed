//! The search index of a copy, which is stored beside it, because building it takes longer than a search.
//!
//! The file is: a mark, a checksum, the number of the copy's change for which the index was built, the version of this program, the row and
//! the status of each document, and the index.

use bytes::Bytes;
use jackfield_runtime::{SearchDocument, SearchIndex};
use rusqlite::Connection;
use sha2::{Digest as _, Sha256};

use super::disk;
use super::error::CopyError;
use super::memo::Memo;
use super::place::Place;
use crate::entry::official::Status;
use crate::entry::version::ExactVersion;

const MARK: &[u8; 8] = b"jf-find\x01";
/// The number of bytes of the digest of the head.
const DIGEST: usize = 16;
/// The number of bytes of a document in the head: its row and its status.
const DOCUMENT: usize = 9;

/// The index of a copy: a document for each server, which is its latest version.
pub(super) struct CopyIndex {
    pub(super) search: SearchIndex,
    pub(super) documents: Vec<IndexedRow>,
}

/// The row of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct IndexedRow {
    pub(super) id: i64,
    pub(super) status: Status,
}

impl CopyIndex {
    /// Returns the stored index, or builds and stores it if the copy has changed. If `may_be_older`, an index of an earlier state is
    /// returned too.
    pub(super) fn of(
        connection: &Connection,
        place: &Place,
        may_be_older: impl FnOnce() -> Result<bool, CopyError>,
    ) -> Result<Self, CopyError> {
        let generation = Memo::Generation.number(connection)?;
        let stored = disk::read_index(place).and_then(|bytes| read(bytes.into()));
        if let Some((of, index)) = stored
            && (of == generation || may_be_older()?)
        {
            return Ok(index);
        }
        let index = build(connection)?;
        let head = head(generation, &index.documents);
        // Without the file, each search builds the index, but finds the same.
        let _ = disk::write_index(place, &[&head, &index.search.to_bytes()]);
        Ok(index)
    }
}

fn version() -> [u8; 4] {
    let digest = Sha256::digest(env!("CARGO_PKG_VERSION").as_bytes());
    digest.first_chunk::<4>().copied().unwrap_or_default()
}

fn head(generation: u64, documents: &[IndexedRow]) -> Vec<u8> {
    let mut checked = Vec::with_capacity(16 + documents.len() * DOCUMENT);
    checked.extend_from_slice(&generation.to_le_bytes());
    checked.extend_from_slice(&version());
    checked.extend_from_slice(&u32::try_from(documents.len()).unwrap_or(u32::MAX).to_le_bytes());
    for document in documents {
        checked.extend_from_slice(&document.id.to_le_bytes());
        checked.push(document.status as u8);
    }
    let digest = Sha256::digest(&checked);
    let mut head = MARK.to_vec();
    head.extend_from_slice(digest.get(..DIGEST).unwrap_or_default());
    head.extend_from_slice(&checked);
    head
}

/// Reads a stored index and the number of the change for which it was built. `None` if it is damaged, or of another version.
fn read(bytes: Bytes) -> Option<(u64, CopyIndex)> {
    let (mark, rest) = bytes.split_first_chunk::<8>()?;
    let (digest, checked) = rest.split_first_chunk::<DIGEST>()?;
    let (generation, rest) = checked.split_first_chunk::<8>()?;
    let (written_by, rest) = rest.split_first_chunk::<4>()?;
    let (count, rest) = rest.split_first_chunk::<4>()?;
    if mark != MARK || *written_by != version() {
        return None;
    }
    let length = usize::try_from(u32::from_le_bytes(*count)).ok()?.checked_mul(DOCUMENT)?;
    let rows = rest.get(..length)?;
    if Sha256::digest(checked.get(..16 + length)?).get(..DIGEST)? != digest {
        return None;
    }
    let documents = rows.as_chunks::<DOCUMENT>().0.iter().map(row).collect::<Option<Vec<_>>>()?;
    let search = SearchIndex::from_bytes(bytes.slice(8 + DIGEST + 16 + length..)).ok()?;
    (search.len() == documents.len())
        .then_some((u64::from_le_bytes(*generation), CopyIndex { search, documents }))
}

fn row(bytes: &[u8; DOCUMENT]) -> Option<IndexedRow> {
    let (id, status) = bytes.split_first_chunk::<8>()?;
    let all = [Status::Active, Status::Deprecated, Status::Deleted];
    let status = all.into_iter().find(|known| [*known as u8] == *status)?;
    Some(IndexedRow { id: i64::from_le_bytes(*id), status })
}

/// A row that could represent its server.
struct Candidate {
    id: i64,
    name: String,
    version: String,
    status: Status,
    is_latest: bool,
    document: SearchDocument,
}

fn build(connection: &Connection) -> Result<CopyIndex, CopyError> {
    let mut statement = connection.prepare(
        "SELECT id, name, version, status, is_latest, title, description, kinds, identifiers FROM entries ORDER BY name",
    )?;
    let mut rows = statement.query([])?;
    let (mut documents, mut texts) = (Vec::new(), Vec::new());
    let mut best: Option<Candidate> = None;
    let mut add = |candidate: Candidate| {
        documents.push(IndexedRow { id: candidate.id, status: candidate.status });
        texts.push(candidate.document);
    };
    while let Some(row) = rows.next()? {
        let next = candidate(row)?;
        best = Some(match best.take() {
            Some(known) if known.name == next.name => {
                if is_newer(&next, &known) {
                    next
                } else {
                    known
                }
            }
            Some(known) => {
                add(known);
                next
            }
            None => next,
        });
    }
    best.into_iter().for_each(&mut add);
    Ok(CopyIndex { search: SearchIndex::new(texts), documents })
}

fn candidate(row: &rusqlite::Row<'_>) -> Result<Candidate, CopyError> {
    let name: String = row.get(1)?;
    let status: String = row.get(3)?;
    let (kinds, identifiers): (String, String) = (row.get(7)?, row.get(8)?);
    let tags = kinds.split(' ').chain(identifiers.split(' ')).filter(|tag| !tag.is_empty());
    Ok(Candidate {
        id: row.get(0)?,
        version: row.get(2)?,
        status: Status::of(&status).ok_or_else(|| CopyError::Damaged(format!("the status {status:?}")))?,
        is_latest: row.get(4)?,
        document: SearchDocument {
            name: name.clone(),
            summary: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
            description: row.get(6)?,
            tags: tags.map(str::to_owned).collect(),
            ..SearchDocument::default()
        },
        name,
    })
}

fn is_newer(one: &Candidate, other: &Candidate) -> bool {
    if one.is_latest != other.is_latest {
        return one.is_latest;
    }
    let version = |candidate: &Candidate| ExactVersion::parse(&candidate.version).ok();
    match (version(one), version(other)) {
        (Some(one), Some(other)) => one.precedence(&other).is_gt(),
        (one, _) => one.is_some(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn damage_at_every_position_of_a_stored_index_is_detected() {
        let names = ["time", "weather", "maps"];
        let search = SearchIndex::new(names.map(|name| SearchDocument {
            name: format!("io.github.ada/{name}"),
            ..SearchDocument::default()
        }));
        let documents: Vec<IndexedRow> =
            (1..=3).map(|id| IndexedRow { id, status: Status::Deprecated }).collect();
        let sound = [head(7, &documents), search.to_bytes()].concat();
        let (generation, index) = read(sound.clone().into()).unwrap();
        assert_eq!((generation, &index.documents), (7, &documents));
        for at in 0..sound.len() {
            let mut bytes = sound.clone();
            bytes[at] ^= 0x41;
            assert!(read(bytes.into()).is_none(), "{at}");
            assert!(read(sound[..at].to_vec().into()).is_none(), "{at}");
        }
    }
}
