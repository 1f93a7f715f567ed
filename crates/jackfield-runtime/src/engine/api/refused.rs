//! The remedy for a credential that the service refuses.

use super::Api;
use crate::auth::{Sent, permitted};
use crate::call::rows::Tool;
use crate::call::servers;

impl Api {
    /// Returns a message that tells the user which credential of a tool to check.
    pub(super) fn check_credentials(&self, tool: &Tool<'_>, sent: &[Sent]) -> String {
        const AGAIN: &str = ", then start this connector again";
        let base = servers::base(self.connector(), tool, &self.inner.environment).ok();
        let withheld = base.map(|base| permitted(self.connector(), &base, &self.inner.environment));
        if let Some(Err(why)) = withheld.filter(|_| !tool.security.is_empty()) {
            return format!("The tool was called without a credential. {why}");
        }
        if tool.security.is_empty() {
            return "The service requires a credential, and the document declares none for this call. The maintainer of this \
                    connector can declare one in connector.toml, below [auth.schemes.NAME]."
                .to_owned();
        }
        if sent.is_empty() {
            let needs = tool.security.iter().copied().flatten();
            let schemes = self.connector().schemes.iter();
            let schemes = schemes.filter(|scheme| needs.clone().any(|need| need.scheme == scheme.name));
            let mut places: Vec<String> =
                schemes.filter_map(|scheme| self.inner.credentials.place(scheme)).collect();
            places.dedup();
            let places = if places.is_empty() { "a credential".to_owned() } else { places.join(", or ") };
            return format!(
                "The tool was called without a credential. The user has to provide {places}{AGAIN}."
            );
        }
        let (places, is_read_once) = Sent::places(sent);
        let again = if is_read_once { AGAIN } else { "" };
        let said = Sent::descriptions(sent);
        format!("The service does not accept the credential. The user has to check {places}{again}.{said}")
    }
}
