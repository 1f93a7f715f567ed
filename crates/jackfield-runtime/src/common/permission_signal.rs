//! Tells a transport whether a request was permitted, before the request is answered.

use tokio::sync::watch;

/// Sends the decision about a request. Only the first decision counts, because calls that hand-written code makes are
/// decided separately. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct PermissionSignal(watch::Sender<Decision>);

/// Waits for the decision about a request.
pub(crate) struct PermissionWatch(watch::Receiver<Decision>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Decision {
    Pending,
    Permitted,
    LacksScopes(Vec<String>),
}

/// Creates a signal, and the watch that receives its decision.
pub(crate) fn permission_signal() -> (PermissionSignal, PermissionWatch) {
    let (sender, receiver) = watch::channel(Decision::Pending);
    (PermissionSignal(sender), PermissionWatch(receiver))
}

impl PermissionSignal {
    /// Signals that the request is permitted.
    pub(crate) fn permit(&self) {
        self.decide(Decision::Permitted);
    }

    /// Signals that the request needs the given scopes.
    pub(crate) fn lacks_scopes(&self, scopes: &[String]) {
        self.decide(Decision::LacksScopes(scopes.to_vec()));
    }

    fn decide(&self, decision: Decision) {
        self.0.send_if_modified(|known| {
            let is_first = *known == Decision::Pending;
            if is_first {
                *known = decision;
            }
            is_first
        });
    }
}

impl PermissionWatch {
    /// Waits until the request is decided, or until it has ended without a decision.
    pub(crate) async fn decided(&mut self) {
        let _ = self.0.wait_for(|decision| *decision != Decision::Pending).await;
    }

    /// Returns the scopes that the request needs, if the request was refused for lack of scopes.
    pub(crate) fn lacking_scopes(&self) -> Option<Vec<String>> {
        match &*self.0.borrow() {
            Decision::LacksScopes(scopes) => Some(scopes.clone()),
            Decision::Pending | Decision::Permitted => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn wait_for_permission_ends_at_the_first_decision_or_when_the_signal_drops() {
        let (signal, mut watch) = permission_signal();
        signal.permit();
        signal.lacks_scopes(&["a".to_owned()]);
        watch.decided().await;
        assert_eq!(watch.lacking_scopes(), None);
        let (signal, mut watch) = permission_signal();
        signal.clone().lacks_scopes(&["a".to_owned()]);
        watch.decided().await;
        assert_eq!(watch.lacking_scopes(), Some(vec!["a".to_owned()]));
        let (signal, mut watch) = permission_signal();
        drop(signal);
        watch.decided().await;
        assert_eq!(watch.lacking_scopes(), None);
    }
}
