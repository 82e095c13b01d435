"""Labels, entities and incidents: what public sources say about addresses, and how sure they are."""

from flowtrace.labels.book import LabelBook, label_id, load_labels
from flowtrace.labels.incident import incident_ids, incident_of_seed, load_incident, read_incident

__all__ = [
    "LabelBook",
    "incident_ids",
    "incident_of_seed",
    "label_id",
    "load_incident",
    "load_labels",
    "read_incident",
]
