//! Points on the map, and the distance between them.

use serde::{Deserialize, Serialize};

/// Mean radius of the Earth in kilometres (IUGG mean radius R₁, Moritz 2000, Journal of Geodesy 74).
const EARTH_RADIUS_KILOMETRES: f64 = 6371.0088;

/// A point in a named city.
///
/// Longitude and latitude are degrees, east and north positive. All points of one trip or map must use
/// one datum; distances between cities are not sensitive to which.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Place {
    pub city: String,
    pub longitude: f64,
    pub latitude: f64,
}

/// The great-circle distance in kilometres, on a sphere of the Earth's mean radius.
///
/// Source: the haversine formula (Sinnott 1984, Sky and Telescope 68). Against the ellipsoid the error is
/// at most about 0.5 %. The result is not a number when a coordinate is not finite.
#[must_use]
pub fn haversine_kilometres(from: &Place, to: &Place) -> f64 {
    let from_latitude = from.latitude.to_radians();
    let to_latitude = to.latitude.to_radians();
    let half_latitude = (to_latitude - from_latitude) / 2.0;
    let half_longitude = (to.longitude - from.longitude).to_radians() / 2.0;
    let haversine = half_latitude.sin().powi(2)
        + from_latitude.cos() * to_latitude.cos() * half_longitude.sin().powi(2);
    // Rounding may carry antipodal points just past 1, where the arcsine has no value.
    2.0 * EARTH_RADIUS_KILOMETRES * haversine.min(1.0).sqrt().asin()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(longitude: f64, latitude: f64) -> Place {
        Place {
            city: String::new(),
            longitude,
            latitude,
        }
    }

    #[test]
    fn one_degree_of_the_equator() {
        // 2π · 6371.0088 / 360 = 111.195 km.
        let kilometres = haversine_kilometres(&place(100.0, 0.0), &place(101.0, 0.0));
        assert!((kilometres - 111.195).abs() < 0.001);
    }

    #[test]
    fn half_way_round_and_nowhere() {
        // π · 6371.0088 = 20015.1 km.
        let kilometres = haversine_kilometres(&place(0.0, 0.0), &place(180.0, 0.0));
        assert!((kilometres - 20_015.1).abs() < 0.1);
        assert_eq!(
            haversine_kilometres(&place(120.0, 30.0), &place(120.0, 30.0)),
            0.0
        );
    }

    #[test]
    fn beijing_to_shanghai() {
        // Published great-circle distance between the two city centres: about 1067 km.
        let kilometres = haversine_kilometres(&place(116.407, 39.904), &place(121.474, 31.230));
        assert!((kilometres - 1067.0).abs() < 3.0);
    }
}
