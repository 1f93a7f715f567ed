//! The vault records of one principal. Their names differ from the names of the records of every other principal and connector.

use std::sync::Arc;

use jackfield_recipe::hex_encode;
use sha2::{Digest as _, Sha256};

use super::records::{Exclusive, Records, RecordsError, RecordsVersion};
use crate::common::caller::Principal;
use crate::common::secret::Secret;

/// The maximum number of bytes of a principal in a record name. A longer principal is replaced by its
/// digest.
const LONGEST: usize = 96;

/// Returns the prefix of the names of a principal's records. Connector names contain no space, so no other record
/// has this prefix.
pub(crate) fn prefix(principal: &Principal) -> String {
    let key = principal.to_string();
    // The quotes mark the end of the principal, whatever characters it contains.
    let shown = format!("{key:?}");
    match shown.len() <= LONGEST {
        true => format!("for {shown} "),
        false => format!("for sha256:{} ", hex_encode(&Sha256::digest(key.as_bytes()))),
    }
}

/// Returns the name of a record without the prefix of its principal. `None` if the name is not a name of a record.
#[cfg(feature = "serve")]
pub(super) fn without_principal(name: &str) -> Option<&str> {
    let Some(rest) = name.strip_prefix("for ") else { return Some(name) };
    let Some(quoted) = rest.strip_prefix('"') else { return Some(rest.split_once(' ')?.1) };
    // The closing quote is the first one that is not escaped.
    let mut is_escaped = false;
    let end = quoted.char_indices().find(|(_, char)| {
        let is_end = *char == '"' && !is_escaped;
        is_escaped = *char == '\\' && !is_escaped;
        is_end
    });
    quoted.get(end?.0 + 1..)?.strip_prefix(' ')
}

/// The records of one principal.
pub(super) struct PrincipalRecords {
    all: Arc<dyn Records>,
    prefix: String,
}

impl PrincipalRecords {
    pub(super) fn new(all: &Arc<dyn Records>, principal: &Principal) -> Self {
        Self { all: Arc::clone(all), prefix: prefix(principal) }
    }

    fn name(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }
}

impl Records for PrincipalRecords {
    fn get(&self, name: &str) -> Result<Option<Secret>, RecordsError> {
        self.all.get(&self.name(name))
    }

    fn put(&self, name: &str, text: &Secret) -> Result<(), RecordsError> {
        self.all.put(&self.name(name), text)
    }

    fn put_if_absent(&self, name: &str, text: &Secret) -> Result<Secret, RecordsError> {
        self.all.put_if_absent(&self.name(name), text)
    }

    fn remove(&self, name: &str) -> Result<bool, RecordsError> {
        self.all.remove(&self.name(name))
    }

    fn version(&self) -> Result<Option<RecordsVersion>, RecordsError> {
        self.all.version()
    }

    fn is_there(&self) -> bool {
        self.all.is_there()
    }

    fn exclusive<'a>(&'a self, name: &'a str) -> Exclusive<'a> {
        let name = self.name(name);
        Box::pin(async move { self.all.exclusive(&name).await })
    }
}
