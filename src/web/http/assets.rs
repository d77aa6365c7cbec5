//! The static files: inside the binary, under names that carry their content's hash, so that browsers may keep
//! them for ever and still see every change at once.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use rust_embed::{EmbeddedFile, RustEmbed};
use std::sync::LazyLock;

#[derive(RustEmbed)]
#[folder = "static/"]
struct Static;

struct Asset {
    /// Name in `static/`, such as `app.css`.
    plain: String,
    /// Address with eight hex digits of the content's SHA-256, such as `/static/app-0a1b2c3d.css`.
    url: String,
    file: EmbeddedFile,
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    Static::iter()
        .filter_map(|plain| {
            let file = Static::get(&plain)?;
            let [a, b, c, d, ..] = file.metadata.sha256_hash();
            let hash = hex::encode([a, b, c, d]);
            let url = match plain.rsplit_once('.') {
                Some((stem, extension)) => format!("/static/{stem}-{hash}.{extension}"),
                None => format!("/static/{plain}-{hash}"),
            };
            Some(Asset { plain: plain.into_owned(), url, file })
        })
        .collect()
});

/// The address of a file of `static/`, such as `/static/app-0a1b2c3d.css` for `app.css`. A name that is not there
/// gives an address that answers 404.
#[must_use]
pub fn url(plain: &str) -> &'static str {
    ASSETS.iter().find(|asset| asset.plain == plain).map_or("/static/none", |asset| asset.url.as_str())
}

/// The address of the icon sprite; `#name` picks an icon from it.
#[must_use]
pub fn icons() -> &'static str {
    static URL: LazyLock<&'static str> = LazyLock::new(|| url("icons.svg"));
    *URL
}

fn content_type(plain: &str) -> &'static str {
    match plain.rsplit_once('.').map(|(_, extension)| extension) {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// `GET /static/{name}`: a static file by its hashed name, 404 for any other name.
pub async fn show(name: web::Path<String>) -> HttpResponse {
    let found = ASSETS.iter().find(|asset| asset.url.strip_prefix("/static/") == Some(name.as_str()));
    let Some(asset) = found else {
        return HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("Not found\n");
    };
    let mut response = HttpResponse::Ok();
    response
        .insert_header((header::CONTENT_TYPE, content_type(&asset.plain)))
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"));
    match &asset.file.data {
        std::borrow::Cow::Borrowed(bytes) => response.body(*bytes),
        std::borrow::Cow::Owned(bytes) => response.body(bytes.clone()),
    }
}
