//! The unused links that callers have received.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use jackfield_runtime::Principal;

use super::random_text::random_text;
use crate::config::HttpUpstream;

/// The lifetime of a link.
const LIFE: Duration = Duration::from_secs(600);
/// A caller gets the same link again if it is valid for longer than this.
const REST: Duration = Duration::from_secs(120);
/// The maximum numbers of unused links: of all callers, and of one caller.
const MOST: usize = 4096;
const MOST_OF_OWNER: usize = 32;
/// The number of failed proofs after which a link is removed.
const MOST_WRONG: u8 = 5;

/// A link on which one caller may connect an account at one server.
#[derive(Clone, Debug)]
pub(super) struct Offer {
    pub(super) connector: String,
    pub(super) upstream: HttpUpstream,
    /// The caller that asked for the link. Only this caller may complete it.
    pub(super) owner: Principal,
    ends: Instant,
    wrong: u8,
}

/// The links by their ids.
#[derive(Debug, Default)]
pub(super) struct Offers(HashMap<String, Offer>);

impl Offers {
    /// Returns the id of a new or existing link for a caller. `None` if there are too many links, or if random numbers are unavailable.
    pub(super) fn offer(
        &mut self,
        connector: &str,
        upstream: &HttpUpstream,
        owner: &Principal,
        now: Instant,
    ) -> Option<String> {
        self.0.retain(|_, offer| offer.ends > now);
        let own = |offer: &&Offer| offer.owner == *owner;
        let is_same = |offer: &Offer| offer.connector == connector && offer.upstream == *upstream;
        let known =
            self.0.iter().find(|(_, it)| own(it) && is_same(it) && it.ends.duration_since(now) > REST);
        if let Some((id, _)) = known {
            return Some(id.clone());
        }
        if self.0.len() >= MOST || self.0.values().filter(own).count() >= MOST_OF_OWNER {
            return None;
        }
        let id = random_text()?;
        let (connector, upstream, owner) = (connector.to_owned(), upstream.clone(), owner.clone());
        self.0.insert(id.clone(), Offer { connector, upstream, owner, ends: now + LIFE, wrong: 0 });
        Some(id)
    }

    /// Returns the link with this id, unless it has expired.
    pub(super) fn get(&self, id: &str, now: Instant) -> Option<&Offer> {
        self.0.get(id).filter(|offer| offer.ends > now)
    }

    /// Removes a link and returns it, unless it has expired. It cannot be used again.
    pub(super) fn take(&mut self, id: &str, now: Instant) -> Option<Offer> {
        self.0.remove(id).filter(|offer| offer.ends > now)
    }

    /// Puts a link back after its login could not be started.
    pub(super) fn give_back(&mut self, id: String, offer: Offer) {
        self.0.insert(id, offer);
    }

    /// Counts a failed proof. After `MOST_WRONG` failed proofs, the link is removed.
    pub(super) fn count_wrong(&mut self, id: &str) {
        let Some(offer) = self.0.get_mut(id) else { return };
        offer.wrong += 1;
        if offer.wrong >= MOST_WRONG {
            self.0.remove(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upstream() -> HttpUpstream {
        let url = "https://docs.example.com/mcp".to_owned();
        HttpUpstream { url, token: None, headers: Vec::new(), secrets: Vec::new(), client: None }
    }

    fn principal(name: &str) -> Principal {
        Principal::Token(name.to_owned())
    }

    #[test]
    fn connect_link_expires_after_ten_minutes_or_one_use() {
        let (mut offers, now) = (Offers::default(), Instant::now());
        let id = offers.offer("docs", &upstream(), &principal("ada"), now).unwrap();
        assert_eq!(id.len(), 64);
        assert_eq!(offers.offer("docs", &upstream(), &principal("ada"), now), Some(id.clone()));
        assert_ne!(offers.offer("docs", &upstream(), &principal("bob"), now), Some(id.clone()));
        assert!(offers.get(&id, now + LIFE).is_none() && offers.get(&id, now).is_some());
        assert!(offers.take(&id, now).is_some() && offers.take(&id, now).is_none());
        let id = offers.offer("docs", &upstream(), &principal("ada"), now).unwrap();
        assert!(offers.take(&id, now + LIFE).is_none());
    }

    #[test]
    fn connect_link_is_removed_after_five_failed_proofs() {
        let (mut offers, now) = (Offers::default(), Instant::now());
        let id = offers.offer("docs", &upstream(), &principal("ada"), now).unwrap();
        for _ in 1..MOST_WRONG {
            offers.count_wrong(&id);
            assert!(offers.get(&id, now).is_some());
        }
        offers.count_wrong(&id);
        assert!(offers.get(&id, now).is_none());
    }

    #[test]
    fn number_of_connect_links_is_bounded() {
        let (mut offers, now) = (Offers::default(), Instant::now());
        let mut offer = |connector: usize, owner: usize| {
            offers.offer(&connector.to_string(), &upstream(), &principal(&owner.to_string()), now).is_some()
        };
        assert!((0..MOST_OF_OWNER).all(|at| offer(at, 0)) && !offer(MOST_OF_OWNER, 0));
        assert!((MOST_OF_OWNER..MOST).all(|at| offer(0, at)) && !offer(0, MOST));
    }
}
