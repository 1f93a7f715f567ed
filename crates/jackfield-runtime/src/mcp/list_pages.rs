//! The pages of a tool list, and the share of each connector in them.

use super::tools::ToolText;
use crate::engine::policy::audit::ListPart;
use crate::engine::request::TargetKind;
use crate::engine::service::Service;

/// The maximum size of a page of a list in bytes. Many clients read only the first page, and some fail on more
/// than a megabyte.
pub(super) const PAGE_BYTES: usize = 900_000;

/// The pages of a tool list.
pub(super) struct ListPages(Vec<ListPage>);

/// A page of a tool list.
#[derive(Default)]
struct ListPage {
    /// The JSON array of its tools.
    text: String,
    /// The share of each connector. Empty unless the audit records lists.
    parts: Vec<ListPart>,
}

/// A tool list to which tools are added one by one. The list is split by bytes, so that each page is small enough for clients.
pub(super) struct PagedList<'s> {
    pages: Vec<ListPage>,
    page: ListPage,
    service: &'s Service,
}

impl ListPages {
    /// The length of all pages.
    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(|page| page.text.len()).sum()
    }

    pub(super) const fn len(&self) -> usize {
        self.0.len()
    }

    pub(super) fn get(&self, at: usize) -> Option<&str> {
        self.0.get(at).map(|page| page.text.as_str())
    }

    /// Returns the shares of the connectors in a page, if the audit records lists.
    pub(super) fn parts(&self, at: usize) -> &[ListPart] {
        self.0.get(at).map_or(&[], |page| &page.parts)
    }
}

impl ListPage {
    fn new() -> Self {
        Self { text: String::from("["), parts: Vec::new() }
    }

    /// Adds a tool to the share of its connector.
    fn count(&mut self, tool: &ToolText, service: &Service) {
        let connector = service.attached().iter().find(|it| it.own(TargetKind::Tool, &tool.name).is_some());
        let connector = connector.map(|name| name.as_str());
        match self.parts.iter_mut().find(|part| part.connector.as_deref() == connector) {
            Some(part) => {
                part.bytes += tool.text.len();
                part.tools += 1;
            }
            None => {
                let connector = connector.map(str::to_owned);
                self.parts.push(ListPart { connector, tools: 1, bytes: tool.text.len() });
            }
        }
    }
}

impl<'s> PagedList<'s> {
    pub(super) fn new(service: &'s Service) -> Self {
        Self { pages: Vec::new(), page: ListPage::new(), service }
    }

    pub(super) fn add(&mut self, tool: &ToolText) {
        let Self { pages, page, service } = self;
        if page.text.len() > 1 {
            if page.text.len() + tool.text.len() > PAGE_BYTES {
                page.text.push(']');
                pages.push(std::mem::replace(page, ListPage::new()));
            } else {
                page.text.push(',');
            }
        }
        page.text.push_str(&tool.text);
        if service.policies().audit.is_some() {
            page.count(tool, service);
        }
    }

    pub(super) fn finish(mut self) -> ListPages {
        self.page.text.push(']');
        self.page.text.shrink_to_fit();
        self.pages.push(self.page);
        ListPages(self.pages)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jackfield_recipe::Effect;

    use super::*;
    use crate::call::rows::Connector;
    use crate::common::environment::Environment;
    use crate::engine::api::Api;
    use crate::engine::custom_set::Custom;
    use crate::engine::joined::attached_name::AttachedName;
    use crate::engine::pending::Pending;
    use crate::engine::policy::Policies;
    use crate::engine::policy::audit::{Audit, AuditError, AuditRecord};

    static SHOP: Connector<'static> = Connector::new("shop");

    struct Unread;

    impl Audit for Unread {
        fn record(&self, _: AuditRecord) -> Pending<'_, Result<(), AuditError>> {
            Box::pin(std::future::ready(Ok(())))
        }
    }

    /// Returns the pages of a list with two tools of the connector `far` and two of the server itself.
    fn pages(policies: Policies) -> ListPages {
        let api = || Api::new(&SHOP, Environment::of::<&str, &str>([]));
        let service = Service::new(api().with_policies(policies), Custom::new()).unwrap();
        let service = service.attach(AttachedName::parse("far").unwrap(), api(), Custom::new()).unwrap();
        let mut list = PagedList::new(&service);
        for (name, bytes) in [("a", 10), ("far_a", 20), ("b", 30), ("far_b", PAGE_BYTES)] {
            list.add(&ToolText { name: name.to_owned(), effect: Effect::Read, text: "1".repeat(bytes) });
        }
        list.finish()
    }

    #[test]
    fn share_of_each_connector_in_a_list_is_counted_only_if_there_is_an_audit() {
        let part = |connector: Option<&str>, tools, bytes| ListPart {
            connector: connector.map(str::to_owned),
            tools,
            bytes,
        };
        let audited = pages(Policies::none().audit(Arc::new(Unread)));
        assert_eq!(audited.parts(0), [part(None, 2, 40), part(Some("far"), 1, 20)]);
        assert_eq!(audited.parts(1), [part(Some("far"), 1, PAGE_BYTES)]);
        let other = pages(Policies::none());
        assert_eq!((other.len(), other.parts(0), other.parts(2)), (2, &[][..], &[][..]));
        assert_eq!((audited.get(0), audited.get(1)), (other.get(0), other.get(1)));
        assert_eq!(other.get(0).map(str::len), Some(10 + 20 + 30 + 4));
    }
}
