"""Elements of BeiDou's geostationary satellites in the tilted frame in which they are sent.

The frame is the Earth's at toe, tilted by 5 degrees about x (BDS-SIS-ICD-B1I 3.0, 5.2.4.12): an
equatorial orbit, of which node and perigee are hardly defined, has an inclination of 5 degrees.
"""

import numpy as np

from stationd_simulators.constellation.kepler_motion import GEOSTATIONARY_TILT_RAD, Flags, Floats


def tilted(of: dict[str, Floats], which: Flags) -> dict[str, Floats]:
    """Return elements, of which those of `which` rows are turned into the tilted frame.

    Node and inclination are those of the Earth's frame at toe. Harmonics are by twice the
    argument of latitude, so they are turned with it.
    """
    if not which.any():
        return of
    node, inclination, perigee = (
        of[name][which] for name in ("node_rad", "inclination_rad", "perigee_rad")
    )
    normal, apse = _axes(node, inclination, perigee)
    normal, apse = _untilted(normal), _untilted(apse)
    new_node = np.arctan2(normal[0], -normal[1])
    new_inclination = np.arccos(normal[2])
    along = np.array([np.cos(new_node), np.sin(new_node), np.zeros_like(new_node)])
    across = np.cross(normal, along, axis=0)
    new_perigee = np.arctan2((apse * across).sum(axis=0), (apse * along).sum(axis=0))
    turned = dict(of)
    values = {"node_rad": new_node, "inclination_rad": new_inclination, "perigee_rad": new_perigee}
    sine, cosine = np.sin(2 * (new_perigee - perigee)), np.cos(2 * (new_perigee - perigee))
    for of_sine, of_cosine in (("crs_m", "crc_m"), ("cus_rad", "cuc_rad")):
        s, c = of[of_sine][which], of[of_cosine][which]
        values |= {of_sine: s * cosine + c * sine, of_cosine: c * cosine - s * sine}
    for name, value in values.items():
        turned[name] = of[name].copy()
        turned[name][which] = value
    return turned


def _axes(node: Floats, inclination: Floats, perigee: Floats) -> tuple[Floats, Floats]:
    """Return the orbit's normal and the direction of its perigee, (3, n) each."""
    sin_node, cos_node = np.sin(node), np.cos(node)
    sin_i, cos_i = np.sin(inclination), np.cos(inclination)
    sin_p, cos_p = np.sin(perigee), np.cos(perigee)
    normal = np.array([sin_i * sin_node, -sin_i * cos_node, cos_i])
    apse = np.array(
        [
            cos_p * cos_node - sin_p * cos_i * sin_node,
            cos_p * sin_node + sin_p * cos_i * cos_node,
            sin_p * sin_i,
        ]
    )
    return normal, apse


def _untilted(vectors: Floats) -> Floats:
    """Return vectors (3, n) of the Earth's frame in the tilted one: Rx(+5 deg)."""
    sine, cosine = np.sin(-GEOSTATIONARY_TILT_RAD), np.cos(GEOSTATIONARY_TILT_RAD)
    x, y, z = vectors
    return np.array([x, cosine * y + sine * z, -sine * y + cosine * z])
