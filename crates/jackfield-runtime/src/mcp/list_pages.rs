//! The pages of a tool list, and the share of each connector in them.

use std::sync::OnceLock;

use serde_json::Value;

use crate::engine::policy::audit::ListPart;
use crate::engine::request::TargetKind;
use crate::engine::service::Service;

/// The pages of a tool list, each as the JSON array of its tools.
pub(super) struct ListPages {
    texts: Vec<String>,
    /// For each page, the share of each connector. The shares are computed only if the audit records lists.
    parts: OnceLock<Vec<Vec<ListPart>>>,
}

impl ListPages {
    pub(super) const fn of(texts: Vec<String>) -> Self {
        Self { texts, parts: OnceLock::new() }
    }

    /// The length of all pages.
    pub(super) fn bytes(&self) -> usize {
        self.texts.iter().map(String::len).sum()
    }

    pub(super) const fn len(&self) -> usize {
        self.texts.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<&str> {
        self.texts.get(at).map(String::as_str)
    }

    /// Returns the shares of the connectors in a page. `service` has to be the service of the list.
    pub(super) fn parts(&self, at: usize, service: &Service) -> &[ListPart] {
        let all = self.parts.get_or_init(|| self.texts.iter().map(|text| parts_of(text, service)).collect());
        all.get(at).map_or(&[], Vec::as_slice)
    }
}

fn parts_of(page: &str, service: &Service) -> Vec<ListPart> {
    let mut parts: Vec<ListPart> = Vec::new();
    for tool in serde_json::from_str::<Vec<Value>>(page).unwrap_or_default() {
        let name = tool["name"].as_str().unwrap_or_default();
        let connector = service.attached().iter().find(|it| it.own(TargetKind::Tool, name).is_some());
        let connector = connector.map(|name| name.as_str().to_owned());
        let bytes = tool.to_string().len();
        match parts.iter_mut().find(|part| part.connector == connector) {
            Some(part) => {
                part.bytes += bytes;
                part.tools += 1;
            }
            None => parts.push(ListPart { connector, tools: 1, bytes }),
        }
    }
    parts
}
