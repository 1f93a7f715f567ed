//! Stores credential fields in the records, each with the origins that it may be sent to.

use super::audience::Audience;
use super::bound::{BoundRecord, BoundText};
use super::reach::Destination;
use super::records::RecordsError;
use super::slot::CredentialSlot;
use super::store::Store;
use super::store_error::{SetAgain, StoreError};
use crate::common::secret::Secret;

impl Store {
    /// Returns the entry that is stored for a credential field, if the entry's audience and the field's current audience have an origin in
    /// common. Returns an error if the field belongs to an OAuth client and the entry does not permit all endpoints of this client.
    pub(super) fn kept(&self, slot: &CredentialSlot<'_>) -> Result<Option<BoundText>, StoreError> {
        let Some(record) = self.record(slot)?.and_then(|record| BoundRecord::parse(&record)) else {
            return Ok(None);
        };
        let audience = slot.audience(&self.environment);
        let Some(entry) = record.into_sharing(&audience) else { return Ok(None) };
        // A client secret is sent to several endpoints, so the entry must permit all of them.
        if slot.is_of_client() && !entry.audience.covers(&audience) {
            let again = self.set_again(slot, None);
            return Err(StoreError::OtherOrigins { again, known: entry.audience });
        }
        Ok(Some(entry))
    }

    fn record(&self, slot: &CredentialSlot<'_>) -> Result<Option<Secret>, StoreError> {
        let record = self.records.get(&slot.record());
        record.map_err(|why| StoreError::Unreadable { variable: slot.variable(), why })
    }

    /// Returns the audience for which a credential field is stored, or `None` if no usable entry is stored.
    pub(crate) fn audience(&self, slot: &CredentialSlot<'_>) -> Option<Audience> {
        self.kept(slot).ok().flatten().map(|entry| entry.audience)
    }

    /// Checks that a stored credential field may be sent to `destination`. The check passes if another source
    /// takes precedence over the records.
    ///
    /// # Errors
    /// Returns an error if the field is stored for other origins.
    pub(crate) fn check_destination(
        &self,
        slot: &CredentialSlot<'_>,
        destination: &Destination,
    ) -> Result<(), StoreError> {
        if self.command(slot).is_some() || self.is_shadowed(slot) {
            return Ok(());
        }
        let Some(record) = self.record(slot)? else { return Ok(()) };
        let Some(record) = BoundRecord::parse(&record) else {
            return Err(StoreError::NoOrigins { again: self.set_again(slot, None) });
        };
        let known = record.audience();
        match record.into_sharing(&slot.audience(&self.environment)) {
            Some(entry) if destination.fits(&entry.audience.text) => Ok(()),
            // If there is no entry, no secret is sent, and the user does not have to store an optional field.
            None if slot.is_optional() => Ok(()),
            _ => Err(StoreError::OtherOrigins { again: self.set_again(slot, Some(destination)), known }),
        }
    }

    /// Stores a credential field for an audience.
    ///
    /// # Errors
    /// Returns an error if the field cannot be stored.
    pub(crate) async fn keep(
        &self,
        slot: &CredentialSlot<'_>,
        audience: Audience,
        text: Secret,
    ) -> Result<(), RecordsError> {
        let name = slot.record();
        let _alone = self.records.exclusive(&name).await?;
        let mut record =
            self.records.get(&name)?.and_then(|record| BoundRecord::parse(&record)).unwrap_or_default();
        record.put(audience, text);
        self.records.put(&name, &record.to_record())
    }

    /// Deletes the entries that are stored for a credential field, except for entries whose origins are all different from the field's
    /// current origins. Returns whether an entry was deleted.
    ///
    /// # Errors
    /// Returns an error if the record cannot be deleted.
    pub(crate) async fn discard(&self, slot: &CredentialSlot<'_>) -> Result<bool, RecordsError> {
        let name = slot.record();
        let _alone = self.records.exclusive(&name).await?;
        let Some(record) = self.records.get(&name)? else { return Ok(false) };
        let Some(mut record) = BoundRecord::parse(&record) else { return self.records.remove(&name) };
        let removed = record.remove(&slot.audience(&self.environment));
        match (removed, record.is_empty()) {
            (false, _) => Ok(false),
            (true, true) => self.records.remove(&name),
            (true, false) => self.records.put(&name, &record.to_record()).map(|()| true),
        }
    }

    /// Returns the command that stores a secret again with an additional origin.
    fn set_again(&self, slot: &CredentialSlot<'_>, destination: Option<&Destination>) -> SetAgain {
        SetAgain {
            set_command: self.set_command(),
            scheme: slot.scheme.name.into(),
            word: slot.field,
            origin: destination.map(ToString::to_string),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::auth::records::{Memory, Records as _};
    use crate::call::rows::FlowKind;
    use crate::common::environment::Environment;
    use crate::v1::{Connector, Flow, Scheme, Server};

    // Two APIs whose documents are both named openapi.json, so their connectors and schemes have the same names.
    static A: Connector = Connector::new("openapi")
        .servers(&[Server::new("https://a.example.com/v1")])
        .schemes(&[Scheme::api_key("key", jackfield_recipe::Location::Header, "x-key")]);
    static B: Connector = Connector { servers: &[Server::new("https://b.example.com")], ..A };
    // A later version of the first document.
    static BOTH: Connector = Connector {
        servers: &[Server::new("https://a.example.com/v1"), Server::new("https://evil.example.net")],
        ..A
    };

    const FLOW: Flow = Flow::new(FlowKind::ClientCredentials).token("https://id.example.com/token");
    static LOGIN: Connector = Connector::new("openapi").schemes(&[Scheme::oauth2("account").flows(&[FLOW])]);
    static MOVED: Connector = Connector::new("openapi")
        .schemes(&[Scheme::oauth2("account").flows(&[FLOW.refresh("https://evil.example.net/token")])]);

    fn store(records: &Arc<Memory>) -> Store {
        let environment = Environment::of::<String, String>([]);
        Store::new(environment, Arc::<Memory>::clone(records), "openapi-mcp")
    }

    fn slot(connector: &'static Connector, field: &str) -> CredentialSlot<'static> {
        CredentialSlot::of(connector, &connector.schemes[0])
            .find(|slot| slot.field.as_str() == field)
            .unwrap()
    }

    fn checked(store: &Store, slot: &CredentialSlot<'_>, destination: &Destination) -> Result<(), String> {
        store.check_destination(slot, destination).map_err(|error| error.to_string())
    }

    async fn keep(store: &Store, slot: &CredentialSlot<'_>, text: &str) {
        let audience = slot.audience(store.environment());
        store.keep(slot, audience, Secret::new(text.to_owned())).await.unwrap();
    }

    async fn found(store: &Store, slot: &CredentialSlot<'_>) -> Result<Option<String>, String> {
        let held = store.find(slot).await.map_err(|error| error.to_string())?;
        Ok(held.map(|held| held.secret.expose().to_owned()))
    }

    fn to(address: &str) -> Destination {
        Destination::parse(address).unwrap()
    }

    #[tokio::test]
    async fn connectors_with_the_same_name_do_not_share_credentials() {
        let records = Arc::new(Memory::default());
        let store = store(&records);
        let (a, b) = (slot(&A, "api_key"), slot(&B, "api_key"));
        keep(&store, &a, "canary-a").await;
        assert_eq!(found(&store, &b).await, Ok(None));
        let error = checked(&store, &b, &to("https://b.example.com")).unwrap_err();
        assert!(
            error.contains("`openapi-mcp auth set key api_key --origin https://b.example.com`"),
            "{error}"
        );
        assert!(error.contains("https://a.example.com") && !error.contains("canary"), "{error}");
        keep(&store, &b, "canary-b").await;
        assert_eq!(found(&store, &a).await, Ok(Some("canary-a".to_owned())));
        assert_eq!(found(&store, &b).await, Ok(Some("canary-b".to_owned())));
        assert_eq!(checked(&store, &b, &to("https://b.example.com")), Ok(()));
        assert!(store.discard(&b).await.unwrap());
        assert!(!store.discard(&b).await.unwrap());
        assert_eq!(found(&store, &a).await, Ok(Some("canary-a".to_owned())));
    }

    #[tokio::test]
    async fn stored_credential_is_not_sent_to_origin_added_by_document() {
        let records = Arc::new(Memory::default());
        let store = store(&records);
        keep(&store, &slot(&A, "api_key"), "canary-a").await;
        let later = slot(&BOTH, "api_key");
        assert_eq!(checked(&store, &later, &to("https://a.example.com")), Ok(()));
        for address in ["https://evil.example.net", "http://a.example.com", "https://a.example.com:8443"] {
            let error = checked(&store, &later, &to(address)).unwrap_err();
            assert!(error.contains(&format!("--origin {address}`")), "{error}");
        }
        // If the user allows the origin, the secret is sent there.
        let mut audience = later.audience(store.environment());
        audience.allow("http://127.0.0.1:9");
        store.keep(&later, audience, Secret::new("canary".to_owned())).await.unwrap();
        assert_eq!(checked(&store, &later, &to("http://127.0.0.1:9/v1")), Ok(()));
    }

    #[tokio::test]
    async fn stored_credential_without_origins_is_refused() {
        let records = Arc::new(Memory::default());
        records.put("openapi/key/api_key", &Secret::new("canary-old".to_owned())).unwrap();
        let store = store(&records);
        let slot = slot(&A, "api_key");
        assert_eq!(found(&store, &slot).await, Ok(None));
        let error = checked(&store, &slot, &to("https://a.example.com")).unwrap_err();
        assert!(error.contains("`openapi-mcp auth set key api_key`"), "{error}");
        assert!(store.discard(&slot).await.unwrap());
    }

    #[tokio::test]
    async fn client_secret_is_not_sent_to_endpoint_added_by_document() {
        let records = Arc::new(Memory::default());
        let store = store(&records);
        let kept = slot(&LOGIN, "client_secret");
        assert_eq!(kept.audience(store.environment()).to_string(), "https://id.example.com");
        keep(&store, &kept, "canary-client").await;
        assert_eq!(found(&store, &kept).await, Ok(Some("canary-client".to_owned())));
        let error = found(&store, &slot(&MOVED, "client_secret")).await.unwrap_err();
        assert!(error.contains("`openapi-mcp auth set account client_secret`"), "{error}");
        assert!(error.contains("https://id.example.com") && !error.contains("canary"), "{error}");
    }

    #[tokio::test]
    async fn variables_are_not_read_for_a_connector_that_is_named_after_its_file() {
        let environment = Environment::of([("OPENAPI_API_KEY", "canary")]);
        let store = Store::new(environment, Arc::new(Memory::default()), "jackfield preview openapi.json");
        let slot = slot(&A, "api_key");
        assert_eq!(found(&store, &slot).await, Ok(Some("canary".to_owned())));
        store.read_no_variables("jackfield preview openapi.json --name openapi");
        let error = found(&store, &slot).await.unwrap_err();
        assert!(error.contains("`jackfield preview openapi.json --name openapi`"), "{error}");
        assert!(error.contains("OPENAPI_API_KEY") && !error.contains("canary"), "{error}");
    }
}
