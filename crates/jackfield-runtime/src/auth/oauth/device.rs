//! The device authorization flow (RFC 8628): the user consents in any browser while the connector polls the token
//! endpoint.

use serde_json::Value;
use tokio::time::{Instant, sleep};

use super::ask::{Form, Refusal, shown};
use super::endpoint::Endpoint;
use super::error::OAuthError;
use super::grant::Grant;
use super::login::Teller;
use super::server::Server;
use super::session::Session;
use crate::call::rows::FlowKind;
use crate::common::secret::{Secret, Secrets};

/// The name of the grant type at the token endpoint.
pub(super) const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:device_code";

const KIND: FlowKind = FlowKind::DeviceCode;

/// The minimum, the default and the maximum of the polling interval, in seconds.
const INTERVAL: (u64, u64, u64) = (1, 5, 60);

/// The maximum number of seconds to wait until the user has entered the code.
const LONGEST: u64 = 1800;

impl Session {
    pub(super) async fn by_device(&self, server: &Server, teller: &dyn Teller) -> Result<Grant, OAuthError> {
        let at = self.address(server.device(), "device authorization endpoint")?;
        let token_endpoint = self.address(server.token(KIND), "token endpoint")?;
        let client = self.client_for(server, None).await?;
        let purpose = self.address(Ok(self.purpose(KIND, &client.id)), "token endpoint")?;
        let identity = self.proven(client, server)?;
        let form = Form::default()
            .maybe("scope", Some(&self.scope()))
            .maybe("resource", purpose.resource.as_deref())
            .maybe("audience", purpose.audience.as_deref());
        let answer = self.submit(&at, &identity, form).await?;

        let text = |name: &str| answer.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let number = |name: &str| answer.get(name).and_then(Value::as_u64);
        let (Some(device_code), Some(user_code), Some(address)) =
            (text("device_code"), text("user_code"), text("verification_uri").or(text("verification_url")))
        else {
            return Err(self.refused(&Refusal::Failed(format!("{at} returns no codes"))));
        };
        let device_code = Secret::new(device_code.to_owned());
        let safe = |address| {
            Endpoint::parse(address).map_err(|why| Refusal::Failed(format!("{at} is invalid: {why}")))
        };
        let address = safe(address).map_err(|refusal| self.refused(&refusal))?.to_string();
        let complete = text("verification_uri_complete").and_then(|address| safe(address).ok());
        teller.enter(
            &shown(user_code, &Secrets::default()),
            &address,
            complete.map(|address| address.to_string()).as_deref(),
        );

        let second = self.time_limits.second;
        let seconds = |count: u64| second.saturating_mul(u32::try_from(count).unwrap_or(u32::MAX));
        let deadline = Instant::now() + seconds(number("expires_in").unwrap_or(LONGEST).min(LONGEST));
        let (least, usual, most) = INTERVAL;
        let mut interval = number("interval").unwrap_or(usual).clamp(least, most);
        let form = self.form(GRANT_TYPE, &purpose).secret("device_code", &device_code);
        loop {
            if Instant::now() + seconds(interval) > deadline {
                return Err(OAuthError::new("the code was not entered in time", self.remedy.log_in()));
            }
            sleep(seconds(interval)).await;
            match self.asker.submit(&token_endpoint, &identity, form.clone()).await {
                Ok(answer) => return self.granted(answer, purpose, server, token_endpoint.to_string()),
                Err(refusal) if refusal.is("authorization_pending") => {}
                Err(refusal) if refusal.is("slow_down") => interval = (interval + 5).min(most),
                // A network failure while the user enters the code is temporary, so polling continues.
                Err(Refusal::Failed(problem)) => {
                    tracing::warn!(problem, "asking again");
                    interval = (interval * 2).min(most);
                }
                Err(refusal) => return Err(self.refused_client(&refusal, &identity.id).await),
            }
        }
    }
}
