//! Pages for reviewers and administrators.

use crate::web::route::routes;

routes! {}
