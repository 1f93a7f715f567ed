//! Announces changed lists and resources to clients.

use std::future::poll_fn;
use std::sync::{Arc, Weak};
use std::task::Poll;

use rmcp::service::SubscriptionContext;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::{broadcast, watch};

use super::client_logger::ClientLogger;
use super::listener::Listener;
use super::session::Session;
use crate::common::caller::Caller;
use crate::engine::client_log::ClientLog as _;
use crate::engine::current_service::CurrentService;
use crate::engine::log_feed::{FedLog, LogFeed};
use crate::engine::pending::Pending;
use crate::engine::request::TargetKind;
use crate::engine::resource_updates::{ResourceUpdates, ResourceWatch, UpdatedResources};

/// A change that is announced to clients.
pub(super) enum Change {
    /// A list has changed.
    Lists,
    /// The resource with this URI has changed.
    Resource(String),
    /// Another server has written a log message.
    Log(FedLog),
}

/// Waits for changes of a service.
pub(super) struct Changes {
    /// The current service, and a counter of its replacements. `None` if the service cannot be replaced.
    replaced: Option<(CurrentService, watch::Receiver<u64>)>,
    lists: Vec<watch::Receiver<u64>>,
    resources: Vec<UpdatedResources>,
    logs: Vec<broadcast::Receiver<FedLog>>,
}

impl Changes {
    /// Creates a listener for all changes from now on.
    pub(super) fn of(current: &CurrentService) -> Self {
        let replaced = current.replacements().map(|replacements| (current.clone(), replacements));
        let service = current.get();
        let mut lists = service.changes();
        lists.iter_mut().for_each(watch::Receiver::mark_unchanged);
        let resources = service.updates().map(ResourceUpdates::listen).collect();
        let logs = service.logs().map(LogFeed::listen).collect();
        Self { replaced, lists, resources, logs }
    }

    /// Whether anything can change.
    pub(super) fn are_possible(current: &CurrentService) -> bool {
        let service = current.get();
        current.is_replaceable()
            || !service.changes().is_empty()
            || service.updates().next().is_some()
            || service.logs().next().is_some()
    }

    /// Returns a number that changes when a list changes.
    fn mark(&self) -> u64 {
        let replaced = self.replaced.as_ref().map(|(_, replacements)| replacements);
        mark(replaced, &self.lists)
    }

    /// Returns the number that [`mark`](Self::mark) would return for a listener that is created now.
    #[cfg(feature = "http")]
    pub(super) fn mark_of(current: &CurrentService) -> u64 {
        mark(current.replacements().as_ref(), &current.get().changes())
    }

    /// Waits for the next change. Waits forever if nothing can change.
    pub(super) async fn next(&mut self) -> Change {
        loop {
            let replaced = async {
                if let Some((current, replacements)) = &mut self.replaced
                    && replacements.changed().await.is_ok()
                {
                    return current.clone();
                }
                std::future::pending().await
            };
            let lists = self.lists.iter_mut().map(|list| {
                Box::pin(async move { list.changed().await.ok().map(|()| Change::Lists).ok_or(true) })
                    as Pending<'_, Result<Change, bool>>
            });
            let resources = self.resources.iter_mut().map(|updates| {
                Box::pin(async move {
                    match updates.recv().await {
                        Ok(uri) => Ok(Change::Resource(uri)),
                        Err(error) => Err(error == RecvError::Closed),
                    }
                }) as Pending<'_, Result<Change, bool>>
            });
            let logs = self.logs.iter_mut().map(|logs| {
                Box::pin(async move {
                    logs.recv().await.map(Change::Log).map_err(|error| error == RecvError::Closed)
                }) as Pending<'_, Result<Change, bool>>
            });
            let waiting: Vec<Pending<'_, Result<Change, bool>>> =
                lists.chain(resources).chain(logs).collect();
            let (at, change) = tokio::select! {
                current = replaced => {
                    *self = Self::of(&current);
                    return Change::Lists;
                }
                change = first(waiting) => change,
            };
            match change {
                Ok(change) => return change,
                Err(true) if at < self.lists.len() => drop(self.lists.remove(at)),
                Err(true) if at < self.lists.len() + self.resources.len() => {
                    drop(self.resources.remove(at - self.lists.len()));
                }
                Err(true) => drop(self.logs.remove(at - self.lists.len() - self.resources.len())),
                Err(false) => {}
            }
        }
    }
}

fn mark(replaced: Option<&watch::Receiver<u64>>, lists: &[watch::Receiver<u64>]) -> u64 {
    let replaced = replaced.map_or(0, |replacements| *replacements.borrow());
    let lists = lists.iter().map(|list| *list.borrow());
    lists.fold(replaced, |mark, list| mark.wrapping_mul(1_000_003).wrapping_add(list))
}

/// Waits for the first future that is ready. Returns its index and its result.
async fn first<T>(mut waiting: Vec<Pending<'_, T>>) -> (usize, T) {
    poll_fn(|context| {
        for (at, future) in waiting.iter_mut().enumerate() {
            if let Poll::Ready(done) = future.as_mut().poll(context) {
                return Poll::Ready((at, done));
            }
        }
        Poll::Pending
    })
    .await
}

/// Announces changes to a subscription of revision 2026-07-28 until the subscription is cancelled. Only changes
/// that the client asked for and that its caller may see are announced.
pub(super) async fn tell_subscription(
    current: CurrentService,
    caller: Caller,
    mut changes: Changes,
    subscription: SubscriptionContext,
) {
    let sink = subscription.sink();
    let service = current.get();
    let asked = subscription.accepted().resource_subscriptions.iter().flatten();
    let may_see = |uri: &&String| service.permits_kind(&caller, TargetKind::Resource, uri);
    let _watches: Vec<ResourceWatch> =
        asked.filter(may_see).filter_map(|uri| service.watch(uri, &caller)).collect();
    loop {
        let change = tokio::select! {
            change = changes.next() => change,
            () = subscription.cancelled() => return,
        };
        // The sink of the SDK drops changes that the client has not asked for. If the client disconnects, the SDK
        // cancels the subscription.
        match change {
            Change::Lists => {
                let _ = sink.notify_tool_list_changed().await;
                let _ = sink.notify_prompt_list_changed().await;
                let _ = sink.notify_resource_list_changed().await;
            }
            Change::Resource(uri) => {
                // Rights can change, so they are checked again for each announcement.
                if current.get().permits_kind(&caller, TargetKind::Resource, &uri) {
                    let _ = sink.notify_resource_updated(uri).await;
                }
            }
            // Since revision 2026-07-28, log messages belong to requests, so they are not announced.
            Change::Log(_) => {}
        }
    }
}

/// Returns a future that announces changes to the client of a session, until the session or the stream of the client ends. If a session
/// has several streams, only the newest one is used. Returns `None` if the session has too many streams.
pub(super) fn tell_session(
    current: CurrentService,
    client: Listener,
    session: &Arc<Session>,
) -> Option<impl Future<Output = ()> + Send + use<>> {
    let stream = session.begin_stream(client.open_stream())?;
    let (changes, end) = (Changes::of(&current), session.end());
    Some(tell_in_stream(current, changes, (client, stream), Arc::downgrade(session), end))
}

async fn tell_in_stream(
    current: CurrentService,
    mut changes: Changes,
    (client, stream): (Listener, u64),
    session: Weak<Session>,
    mut end: watch::Receiver<()>,
) {
    let lists_changed = async || {
        let service = current.get();
        client.tell_lists(service.has_prompts(), service.has_resources()).await;
    };
    // A list may have changed while the client had no stream.
    if session.upgrade().is_some_and(|session| session.has_missed(changes.mark())) {
        lists_changed().await;
    }
    loop {
        let change = tokio::select! {
            change = changes.next() => change,
            _ = end.changed() => break,
            () = client.gone() => break,
        };
        let Some(session) = session.upgrade() else { return };
        if !session.is_newest_stream(stream) {
            continue;
        }
        match change {
            Change::Lists => {
                lists_changed().await;
                session.set_told(changes.mark());
            }
            Change::Resource(uri) => {
                let may_see = |caller| current.get().permits_kind(&caller, TargetKind::Resource, &uri);
                if session.subscriber(&uri).is_some_and(may_see) {
                    client.tell_resource(uri).await;
                }
            }
            Change::Log(log) => {
                let Some((least, owner)) = session.level().zip(session.owner()) else { continue };
                let is_for = log.only.as_ref().is_none_or(|only| only == owner.principal());
                if is_for && log.message.level >= least && current.get().lets_use(owner, &log.server) {
                    ClientLogger::new(client.clone(), None, least).write(log.message).await;
                }
            }
        }
    }
    if let Some(session) = session.upgrade() {
        session.end_stream(stream);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn changes_of_all_sources_are_received_and_closed_sources_are_dropped() {
        let (closed, gone) = watch::channel(0);
        let (open, lists) = watch::channel(0);
        let updates = ResourceUpdates::new();
        let mut changes = Changes {
            replaced: None,
            lists: vec![gone, lists],
            resources: vec![updates.listen()],
            logs: Vec::new(),
        };
        drop(closed);
        open.send(1).unwrap();
        assert!(matches!(changes.next().await, Change::Lists));
        updates.announce("x://a");
        assert!(matches!(changes.next().await, Change::Resource(uri) if uri == "x://a"));
        assert_eq!(changes.lists.len(), 1);
    }

    #[tokio::test]
    async fn listener_that_missed_announcements_receives_later_announcements() {
        let updates = ResourceUpdates::new();
        let mut changes = Changes {
            replaced: None,
            lists: Vec::new(),
            resources: vec![updates.listen()],
            logs: Vec::new(),
        };
        (0..1000).for_each(|at| updates.announce(at.to_string()));
        assert!(matches!(changes.next().await, Change::Resource(uri) if uri == "744"));
    }
}
