//! Follows changes that a server announces outside of calls: changed lists, and the resources that clients subscribe to.

use std::collections::BTreeSet;
use std::sync::{Arc, Weak};
use std::time::Duration;

use jackfield_runtime::Principal;
use serde_json::{Map, Value, json};
use tokio::sync::Notify;
use tokio::time::{Instant, sleep};

use super::era::Era;
use super::session::Session;
use super::session_key::key_of;
use super::upstream::Upstream;
use crate::wire::flight::{Flight, Outgoing};

/// The delay before changed lists are read, and the interval at which the session is checked.
const CALM: Duration = Duration::from_secs(5);

/// Starts the tasks that follow a session until it ends.
pub(super) fn follow(
    upstream: &Arc<Upstream>,
    owner: Option<&Principal>,
    session: &Arc<Session>,
    changed: Arc<Notify>,
) {
    let (upstream, weak) = (Arc::downgrade(upstream), Arc::downgrade(session));
    tokio::spawn(follow_lists(upstream.clone(), owner.cloned(), weak.clone(), changed));
    tokio::spawn(follow_resources(upstream, owner.cloned(), weak));
}

/// Reads the lists again when the server announces a change, so that clients are notified without a call.
async fn follow_lists(
    upstream: Weak<Upstream>,
    owner: Option<Principal>,
    session: Weak<Session>,
    changed: Arc<Notify>,
) {
    loop {
        tokio::select! {
            () = changed.notified() => {}
            // Stops after the session has ended.
            () = sleep(CALM) => match session.strong_count() {
                0 => return,
                _ => continue,
            },
        }
        // Announcements during the delay count as one. A call does not wait for the delay, but reads the lists at once.
        sleep(CALM).await;
        if let (Some(upstream), Some(session)) = (upstream.upgrade(), session.upgrade()) {
            let deadline = Instant::now() + upstream.entry.timeout;
            if let Err(error) = upstream.relist(owner.as_ref(), &session, deadline).await {
                tracing::debug!(%error, "changed lists cannot be read");
            }
        }
    }
}

/// Keeps the server's subscriptions equal to the resources that clients of the session watch.
async fn follow_resources(upstream: Weak<Upstream>, owner: Option<Principal>, session: Weak<Session>) {
    let key = key_of(owner.as_ref());
    let Some(mut changes) = upstream.upgrade().map(|upstream| upstream.watches.changes()) else { return };
    let mut told = BTreeSet::new();
    let mut listening: Option<Flight> = None;
    loop {
        {
            let (Some(upstream), Some(session)) = (upstream.upgrade(), session.upgrade()) else { return };
            if session.connection.is_closed() {
                drop(session);
                return restart(&upstream, owner, &key).await;
            }
            changes.mark_unchanged();
            let wanted = upstream.watches.of(&key);
            match session.era {
                Era::Legacy => subscribe(&upstream, &session, &mut told, wanted).await,
                Era::Modern if listening.is_none() || told != wanted => {
                    listening = listen(&session, &wanted);
                    told = wanted;
                }
                Era::Modern => {}
            }
        }
        let ended = async {
            match &mut listening {
                // The exchange of the connection forwards the notifications. Only the end of the stream matters here.
                Some(listening) => _ = listening.answered().await,
                None => std::future::pending().await,
            }
        };
        let has_ended = tokio::select! {
            changed = changes.changed() => match changed {
                Ok(()) => false,
                Err(_) => return,
            },
            () = ended => true,
            () = sleep(CALM) => false,
        };
        if has_ended {
            listening = None;
            sleep(CALM).await;
        }
    }
}

/// Begins another session if clients still watch resources.
async fn restart(upstream: &Arc<Upstream>, owner: Option<Principal>, key: &str) {
    while upstream.watches.has(key) {
        let deadline = Instant::now() + upstream.entry.timeout;
        // Another task follows the new session.
        if upstream.fresh_session(owner.as_ref(), deadline).await.is_ok() {
            return;
        }
        sleep(CALM).await;
    }
}

/// Subscribes to newly watched resources, and unsubscribes from resources that are not watched any more.
async fn subscribe(
    upstream: &Upstream,
    session: &Session,
    told: &mut BTreeSet<String>,
    wanted: BTreeSet<String>,
) {
    if !session.has_subscriptions() {
        return;
    }
    let changes = wanted.difference(told).map(|uri| ("resources/subscribe", uri));
    let changes: Vec<(&str, &String)> =
        changes.chain(told.difference(&wanted).map(|uri| ("resources/unsubscribe", uri))).collect();
    for (method, uri) in changes {
        let params = Map::from_iter([("uri".to_owned(), Value::from(uri.as_str()))]);
        let deadline = Instant::now() + upstream.entry.timeout;
        if let Err(fault) = session.connection.request(method, params, deadline).await {
            tracing::debug!(connector = upstream.name(), %fault, method, "a subscription to a resource has failed");
        }
    }
    *told = wanted;
}

/// Opens the notification stream of a server since revision 2026-07-28.
fn listen(session: &Session, wanted: &BTreeSet<String>) -> Option<Flight> {
    let mut filter = json!({
        "toolsListChanged": true,
        "promptsListChanged": true,
        "resourcesListChanged": true,
    });
    if !wanted.is_empty() {
        filter["resourceSubscriptions"] = json!(wanted);
    }
    let params = Map::from_iter([("notifications".to_owned(), filter)]);
    let params = Era::with_meta(params, session.era.own_meta());
    let outgoing = Outgoing { method: "subscriptions/listen".to_owned(), params, ..Outgoing::default() };
    session.connection.begin(outgoing).ok()
}
