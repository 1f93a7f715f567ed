//! The state of one connection or HTTP session.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock, PoisonError};

use rmcp::model::ErrorData;
use tokio::sync::watch;

use super::listener::{Listener, OpenStream};
use super::lists::LONGEST_URI;
use crate::common::caller::Caller;
use crate::engine::client_log::LogLevel;
use crate::engine::resource_updates::ResourceWatch;

/// The maximum number of resources to which a session may subscribe.
pub(super) const MAX_SUBSCRIPTIONS: usize = 1000;

/// The maximum number of streams of one session that are open at once.
pub(super) const MAX_STREAMS: usize = 16;

/// The notifications that the client of a session has asked for.
#[derive(Debug)]
pub(super) struct Session {
    /// The caller that opened the session.
    owner: OnceLock<Caller>,
    level: Mutex<Option<LogLevel>>,
    /// The subscribed resources by URI. The caller that subscribed is stored, because its rights may change.
    subscriptions: Mutex<BTreeMap<String, Subscription>>,
    /// The open streams of announcements with their numbers, in the order in which they were opened.
    streams: Mutex<Vec<(u64, OpenStream)>>,
    /// The mark of the lists that the client was last told about.
    told: Mutex<Option<u64>>,
    /// A value that is dropped with the session, so that the session's tasks end.
    alive: watch::Sender<()>,
}

#[derive(Debug)]
struct Subscription {
    caller: Caller,
    /// The guard that keeps the resource watched.
    _watch: Option<ResourceWatch>,
}

impl Session {
    pub(super) fn new() -> Self {
        let (level, subscriptions, streams, told) = Default::default();
        Self { owner: OnceLock::new(), level, subscriptions, streams, told, alive: watch::channel(()).0 }
    }

    /// Creates a session that belongs to `owner`.
    #[cfg(feature = "http")]
    pub(super) fn of(owner: Caller) -> Self {
        Self { owner: owner.into(), ..Self::new() }
    }

    /// Makes the first caller the owner of the session, and checks all later callers.
    ///
    /// # Errors
    /// Returns an error if the session belongs to another principal. The id of a session alone does not give access to it.
    pub(super) fn admit(&self, caller: &Caller) -> Result<(), ErrorData> {
        match self.owner.get_or_init(|| caller.clone()).principal() == caller.principal() {
            true => Ok(()),
            false => Err(ErrorData::invalid_request(
                "the session belongs to another caller: open a new session",
                None,
            )),
        }
    }

    /// Returns the caller that opened the session.
    pub(super) fn owner(&self) -> Option<&Caller> {
        self.owner.get()
    }

    /// Returns the minimum level of the log messages that the client wants.
    pub(super) fn level(&self) -> Option<LogLevel> {
        *self.level.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn set_level(&self, level: LogLevel) {
        *self.level.lock().unwrap_or_else(PoisonError::into_inner) = Some(level);
    }

    /// Subscribes the client to the resource `uri`. `caller` is the caller that subscribes.
    ///
    /// # Errors
    /// Returns an error if the URI is too long, or if there are too many subscriptions.
    pub(super) fn subscribe(
        &self,
        uri: String,
        caller: Caller,
        watch: impl FnOnce() -> Option<ResourceWatch>,
    ) -> Result<(), ErrorData> {
        if uri.len() > LONGEST_URI {
            let problem = format!("the URI of the resource is too long (limit {LONGEST_URI} bytes)");
            return Err(ErrorData::invalid_params(problem, None));
        }
        let mut subscriptions = self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner);
        if subscriptions.len() >= MAX_SUBSCRIPTIONS && !subscriptions.contains_key(&uri) {
            let problem = format!("too many subscriptions (limit {MAX_SUBSCRIPTIONS}): unsubscribe first");
            return Err(ErrorData::invalid_request(problem, None));
        }
        let _watch = watch();
        subscriptions.insert(uri, Subscription { caller, _watch });
        Ok(())
    }

    pub(super) fn unsubscribe(&self, uri: &str) {
        self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner).remove(uri);
    }

    /// Returns the caller that subscribed to a resource.
    pub(super) fn subscriber(&self, uri: &str) -> Option<Caller> {
        self.subscriptions.lock().unwrap_or_else(PoisonError::into_inner).get(uri).map(|it| it.caller.clone())
    }

    /// Begins a stream of announcements, and returns its number. Returns `None` if `MAX_STREAMS` streams are open.
    pub(super) fn begin_stream(&self, stream: OpenStream) -> Option<u64> {
        let mut streams = self.streams.lock().unwrap_or_else(PoisonError::into_inner);
        if streams.len() >= MAX_STREAMS {
            return None;
        }
        let number = streams.last().map_or(0, |(newest, _)| newest + 1);
        streams.push((number, stream));
        Some(number)
    }

    /// Returns the stream over HTTP in which the client receives messages between its requests.
    pub(super) fn newest_stream(&self) -> Option<Listener> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner).last()?.1.listener()
    }

    pub(super) fn end_stream(&self, number: u64) {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner).retain(|(open, _)| *open != number);
    }

    /// Whether announcements go to this stream. A message must not be sent to several streams of a session.
    pub(super) fn is_newest_stream(&self, number: u64) -> bool {
        self.streams
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .last()
            .is_some_and(|(newest, _)| *newest == number)
    }

    /// Stores the mark of the lists that the client knows about.
    pub(super) fn set_told(&self, mark: u64) {
        *self.told.lock().unwrap_or_else(PoisonError::into_inner) = Some(mark);
    }

    /// Whether the lists have changed since the client was last told about them. `mark` identifies the current lists. Stores `mark`,
    /// because the client is told about these lists now.
    pub(super) fn has_missed(&self, mark: u64) -> bool {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        told.replace(mark).is_some_and(|told| told != mark)
    }

    /// Ends the tasks of the session.
    #[cfg(feature = "http")]
    pub(super) fn close(&self) {
        self.alive.send_replace(());
    }

    /// Returns a receiver that gets a value or an error when the session ends.
    pub(super) fn end(&self) -> watch::Receiver<()> {
        self.alive.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::common::caller::{Channel, Principal};

    #[test]
    fn session_serves_only_the_principal_that_opened_it() {
        let session = Session::new();
        let robot = |name: &str| Caller::new(Principal::Token(name.to_owned()), Channel::Http);
        assert!(session.admit(&robot("a")).is_ok() && session.admit(&robot("a")).is_ok());
        assert!(session.admit(&robot("b")).is_err() && session.admit(&Caller::local(Channel::Http)).is_err());
    }

    #[test]
    fn announcements_go_to_the_newest_open_stream_of_a_session() {
        let session = Session::new();
        let begin = || session.begin_stream(OpenStream::Peer);
        let [first, second] = [begin().unwrap(), begin().unwrap()];
        assert!(!session.is_newest_stream(first) && session.is_newest_stream(second));
        session.end_stream(second);
        assert!(session.is_newest_stream(first));
        let third = begin().unwrap();
        assert!(session.is_newest_stream(third) && !session.is_newest_stream(first));
    }

    #[test]
    fn streams_of_a_session_are_bounded() {
        let session = Session::new();
        let begin = || session.begin_stream(OpenStream::Peer);
        let begun: Vec<u64> = std::iter::from_fn(begin).take(100).collect();
        assert_eq!(begun.len(), MAX_STREAMS);
        session.end_stream(begun[3]);
        assert!(begin().is_some() && begin().is_none());
    }

    #[test]
    fn session_notices_once_that_it_missed_a_list_change() {
        let session = Session::new();
        // The session has just begun, so its client has seen no older list.
        assert!(!session.has_missed(1));
        session.set_told(2);
        assert!(session.has_missed(3) && !session.has_missed(3));
    }

    #[test]
    fn subscriptions_of_a_session_are_bounded() {
        let session = Session::new();
        let subscribe = |uri: &str| session.subscribe(uri.to_owned(), Caller::local(Channel::Stdio), || None);
        for at in 0..MAX_SUBSCRIPTIONS {
            subscribe(&at.to_string()).unwrap();
        }
        assert!(subscribe("0").is_ok());
        assert!(subscribe("one more").unwrap_err().message.contains("limit 1000"));
        session.unsubscribe("0");
        assert!(subscribe("one more").is_ok() && session.subscriber("0").is_none());
    }
}
