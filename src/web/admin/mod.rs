//! Pages for administrators.

use crate::web::route::routes;

routes! {}
