use actix_web::http::StatusCode;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use actix_web::{App, test as server, web};
use cpe_portal::web::http::assets;
use sha2::{Digest, Sha256};

#[actix_web::test]
async fn every_static_file_is_served_under_its_hash_with_its_type_and_kept_for_ever() {
    let app = server::init_service(App::new().route("/static/{name}", web::get().to(assets::show))).await;
    for (plain, content_type) in [
        ("app.css", "text/css; charset=utf-8"),
        ("app.js", "text/javascript; charset=utf-8"),
        ("evidence.js", "text/javascript; charset=utf-8"),
        ("favicon.svg", "image/svg+xml"),
        ("icons.svg", "image/svg+xml"),
        ("precedents.js", "text/javascript; charset=utf-8"),
        ("report.css", "text/css; charset=utf-8"),
        ("report.js", "text/javascript; charset=utf-8"),
        ("split.css", "text/css; charset=utf-8"),
        ("split.js", "text/javascript; charset=utf-8"),
        ("statement.css", "text/css; charset=utf-8"),
        ("workbench.css", "text/css; charset=utf-8"),
        ("workbench.js", "text/javascript; charset=utf-8"),
    ] {
        let on_disk = std::fs::read(format!("{}/static/{plain}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        let hash = hex::encode(&Sha256::digest(&on_disk)[..4]);
        let (stem, extension) = plain.rsplit_once('.').unwrap();
        assert_eq!(assets::url(plain), format!("/static/{stem}-{hash}.{extension}"));

        let request = server::TestRequest::get().uri(assets::url(plain)).to_request();
        let answer = server::call_service(&app, request).await;
        assert_eq!(answer.status(), StatusCode::OK, "{plain}");
        assert_eq!(answer.headers().get(CONTENT_TYPE).unwrap(), content_type);
        assert_eq!(answer.headers().get(CACHE_CONTROL).unwrap(), "public, max-age=31536000, immutable");
        assert_eq!(answer.headers().get(X_CONTENT_TYPE_OPTIONS).unwrap(), "nosniff");
        assert_eq!(server::read_body(answer).await, on_disk, "{plain}");
    }
}

#[actix_web::test]
async fn a_name_that_is_not_a_hashed_name_of_ours_is_not_found_and_not_kept() {
    let app = server::init_service(App::new().route("/static/{name}", web::get().to(assets::show))).await;
    for path in
        ["/static/app.css", "/static/app-00000000.css", "/static/..%2FCargo.toml", assets::url("nothing.css")]
    {
        let answer = server::call_service(&app, server::TestRequest::get().uri(path).to_request()).await;
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(answer.headers().get(CACHE_CONTROL).is_none(), "{path}");
    }
}

#[test]
fn the_style_sheet_stays_small() {
    let css = std::fs::read(format!("{}/static/app.css", env!("CARGO_MANIFEST_DIR"))).unwrap();
    assert!(css.len() < 40_000, "{} bytes", css.len());
}
