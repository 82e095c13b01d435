"""Labels, entities, incidents and recipients: what public sources say, and how sure they are."""

from flowtrace.labels.book import LabelBook, label_id, load_labels
from flowtrace.labels.incident import incident_ids, incident_of_seed, load_incident, read_incident
from flowtrace.labels.vasp import load_vasp, load_vasps, read_vasp, recipient_of, vasp_ids

__all__ = [
    "LabelBook",
    "incident_ids",
    "incident_of_seed",
    "label_id",
    "load_incident",
    "load_labels",
    "load_vasp",
    "load_vasps",
    "read_incident",
    "read_vasp",
    "recipient_of",
    "vasp_ids",
]
