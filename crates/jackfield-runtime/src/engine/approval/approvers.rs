//! Decides which people may approve calls.

#[cfg(feature = "serve")]
use std::sync::Arc;

use crate::common::caller::{Caller, Channel};
#[cfg(feature = "serve")]
use crate::engine::policy::permit::Permit;

/// Decides which calls a person or principal may approve.
pub trait Approvers: Send + Sync {
    /// Returns which calls a caller may approve by answering a question of the server. The answer is sent with the token that made the
    /// call, so approving the caller's own calls needs a separate right.
    fn may_approve(&self, caller: &Caller) -> MayApprove;
}

/// The calls that a principal may approve.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum MayApprove {
    /// The principal may approve no calls.
    #[default]
    None,
    /// The principal may approve the calls of other principals.
    Others,
    /// The principal may approve all calls, including its own.
    Own,
}

/// The approvers of a server without configured rights. Only the user of the client that started the server may approve. An answer over
/// HTTP approves nothing, because the holder of a token may be a program.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct LocalApprovers;

impl Approvers for LocalApprovers {
    fn may_approve(&self, caller: &Caller) -> MayApprove {
        match caller.channel() {
            Channel::Stdio | Channel::CommandLine => MayApprove::Own,
            Channel::Http => MayApprove::None,
        }
    }
}

/// The approvers that the rights of a server name. The user at the server's terminal, or of a client over stdio, may
/// always approve, because that user can change the rights too.
#[cfg(feature = "serve")]
pub(crate) struct RightsApprovers(pub(crate) Arc<dyn Permit>);

#[cfg(feature = "serve")]
impl Approvers for RightsApprovers {
    fn may_approve(&self, caller: &Caller) -> MayApprove {
        match LocalApprovers.may_approve(caller) {
            MayApprove::None if self.0.may_approve_own(caller) => MayApprove::Own,
            MayApprove::None if self.0.may_approve(caller) => MayApprove::Others,
            local => local,
        }
    }
}

#[cfg(all(test, feature = "serve"))]
mod tests {
    use super::*;
    use crate::common::caller::Principal;
    use crate::engine::policy::permit::Permission;
    use crate::engine::request::Target;
    use serde_json::{Map, Value};

    /// Gives `approve` to the token `boss` and `approve-own` to the token `root`.
    struct Rights;

    impl Permit for Rights {
        fn decide(&self, _: &Caller, _: Target<'_>, _: Option<&Map<String, Value>>) -> Permission {
            Permission::Allowed
        }

        fn version(&self, _: &Caller) -> u64 {
            0
        }

        fn may_approve(&self, caller: &Caller) -> bool {
            *caller.principal() == Principal::Token("boss".to_owned())
        }

        fn may_approve_own(&self, caller: &Caller) -> bool {
            *caller.principal() == Principal::Token("root".to_owned())
        }
    }

    #[test]
    fn caller_over_http_approves_own_calls_only_with_the_right_to_do_so() {
        let approvers = RightsApprovers(Arc::new(Rights));
        let over_http = |principal| approvers.may_approve(&Caller::new(principal, Channel::Http));
        assert_eq!(over_http(Principal::Token("ci".to_owned())), MayApprove::None);
        assert_eq!(over_http(Principal::Token("boss".to_owned())), MayApprove::Others);
        assert_eq!(over_http(Principal::Token("root".to_owned())), MayApprove::Own);
        assert_eq!(over_http(Principal::Local), MayApprove::None);
        assert_eq!(approvers.may_approve(&Caller::local(Channel::Stdio)), MayApprove::Own);
        assert_eq!(approvers.may_approve(&Caller::local(Channel::CommandLine)), MayApprove::Own);
    }
}
