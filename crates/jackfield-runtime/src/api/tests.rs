use super::*;

fn nothing(_: &Args, _: &mut Request) -> Result<(), ArgError> {
    Ok(())
}

static LIST: Tool = Tool::new("list", "GET", "/books", nothing);
static SHOP: Connector =
    Connector::new("shop").headers(&[("ACCEPT", "application/vnd.shop+json"), ("User-Agent", "shop/1")]);

#[tokio::test]
async fn configured_header_replaces_the_usual_one() {
    let environment = Environment::of([("SHOP_BASE_URL", "https://api.example.com")]);
    let api = Api::new(&SHOP, environment);
    let prepared = api.prepare(&LIST, Map::new(), &Caller::Local).await.unwrap();
    assert_eq!(
        prepared.outgoing().to_string(),
        "GET https://api.example.com/books\nACCEPT: application/vnd.shop+json\nUser-Agent: shop/1\n"
    );
}
