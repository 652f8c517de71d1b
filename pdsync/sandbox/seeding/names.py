"""The words that invented people are named with.

First names are everyday ones; family names are those of landscapes, trees, trades and villages, and leave out
the most frequent real ones and those of public figures, so that a combination is unlikely to be somebody. The
lists are chosen for what breaks software: accents that Unicode writes in two ways, cedillas and ligatures,
apostrophes, particles that belong to the family name, hyphens, spaces inside a first name.
"""

from __future__ import annotations

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    """The words of a text, which is easier to read and to extend than a column of strings."""
    return tuple(text.split())


FRENCH_FIRST: Final[tuple[str, ...]] = _words(
    """
    Adèle Agathe Agnès Aïcha Alban Albane Alexis Alice Aline Alix Amandine Ambre Amélie Anaïs Anatole André
    Angèle Anne Antoine Apolline Armelle Arnaud Arthur Aude Audrey Aurélie Aurélien Axelle Barnabé Bastien
    Baptiste Béatrice Bénédicte Benoît Bérénice Bertrand Blaise Blandine Brice Brieuc Camille Capucine Carine
    Cécile Céleste Célia Céline Chloé Clara Claire Clarisse Clémence Clément Clotilde Colette Coline Constance
    Corentin Coralie Cyprien Cyril Damien Daphné Delphine Denis Diane Didier Dorothée Édith Édouard Élise
    Élodie Éloïse Émeline Émile Émilie Emma Enzo Erwan Estelle Esther Étienne Eugénie Eulalie Ève Fabien Fanny
    Fatou Félicie Félix Fernand Flavie Fleur Florence Florian Françoise François Frédéric Gabrielle Gaël
    Gaëlle Gaspard Gauthier Geneviève Gérald Germain Ghislaine Gilles Grégoire Guénolé Guilhem Guillaume
    Gwenaëlle Hélène Héloïse Henri Hermine Hippolyte Honoré Hortense Hugo Inès Irène Iris Isabelle Isaure
    Jacinthe Jérémie Jérôme Joachim Joël Joëlle Jonathan Joséphine Judith Jules Juliette Justine Kaïs Karim
    Katell Kévin Laetitia Lætitia Laure Lazare Léa Léandre Léon Léonie Léopold Liam Lilou Lina Lise Loïc Loïse
    Lola Louane Louis Louison Luc Lucie Lucien Lucile Ludivine Madeleine Maël Maëlle Maëlys Malik Manon
    Marceau Margaux Marguerite Marianne Marius Marthe Martine Mathéo Mathilde Mathurin Maud Maxence Maxime
    Mélanie Mélissa Mélodie Mickaël Mireille Morgane Moïse Nadège Naël Naïma Nathan Nathanaël Nicolas Ninon
    Noé Noël Noémie Nolwenn Océane Odette Odile Olivier Ombeline Ondine Oscar Pascaline Patrice Paul Pauline
    Perrine Philippine Pierre Prosper Prune Quentin Quitterie Rachid Raphaël Raphaëlle Régine Rémi Rémy Renée
    René Robin Rodrigue Romain Romane Rosalie Rose Roxane Ryad Sabine Sacha Salomé Samir Samuel Sandrine Sarah
    Sébastien Ségolène Séverine Sibylle Sidonie Siméon Soizic Solal Solène Solveig Sophie Stanislas Stéphane
    Stéphanie Suzanne Sylvain Tanguy Théo Théodore Théophile Thérèse Thibault Thomas Timothée Titouan Tristan
    Ursule Valentin Valentine Valérie Vianney Victoire Vincent Violaine Virginie Viviane Xavier Yaël Yann
    Yannick Yasmine Yohan Yseult Yves Yvette Zacharie Zélie Zoé
    """
)

FRENCH_COMPOUND_FIRST: Final[tuple[str, ...]] = _words(
    """
    Anne-Laure Anne-Sophie Anne-Lise Jean-Baptiste Jean-Noël Jean-Rémi Jean-Loup Jean-Étienne Louis-Gabriel
    Marie-Ange Marie-Cécile Marie-Élise Marie-Noëlle Marie-Odile Paul-Émile Pierre-Alexis Pierre-Yves
    Rose-Hélène Luc-Antoine Charles-Édouard
    """
)

SPACED_FIRST: Final[tuple[tuple[str, str], ...]] = (
    ("Jean", "Marc"),
    ("Marie", "Claire"),
    ("Anne", "Flore"),
    ("Pierre", "Alain"),
    ("Marie", "Jeanne"),
    ("Mary", "Beth"),
    ("Jean", "Régis"),
    ("Rose", "Marie"),
)
"""First names written with a space: the rule "first word, then the rest" cuts them in two (R11)."""

FRENCH_FAMILY: Final[tuple[str, ...]] = _words(
    """
    Abrivard Côtebrune Maîtrejean Aiguebelle Alavoine Ancelin Andrieux Arbogast Ardouin Armengaud Aubépin
    Aubertin Audibert Auffray Autissier Auxière Bâcle Balavoisne Barbançon Barrère Bastide Batteux Beaujour
    Beaulieu Beaumesnil Beauséjour Belcastel Bellerive Bénazet Béraudière Besançon Bétourné Blanchelande
    Boisjoli Boissière Bonnétable Bordenave Boucherie Bougainvert Bouleau Bouscarel Brébant Brégançon
    Brisebarre Brocéliande Bruyère Buissonnière Cabannes Cadoret Caillavet Calvière Campredon Cantegril
    Capdeville Carbonnel Castelnau Caussade Cévennes Chabrillat Châlons Chamborand Champagnac Champfleury
    Chanteloup Chantemerle Chardonnet Charpentreau Châteauvert Châtaignier Chaumière Chênebeau Chevrefeuille
    Clairefontaine Clairvaux Clavière Clérambault Closière Combelles Combenègre Corbières Cormoran Coudrier
    Courtépée Coustière Crèvecœur Cressonnière Dambrelle Delorière Desessarts Desgranges Deslandes Desrosiers
    Doisneval Dorléac Ducellier Duchesnois Dufayel Dupré-Latour Durantière Écuyer Égrève Épinay Escoffiac
    Espérandieu Estaque Estournel Étangs Fabrègue Falaise Falguière Fauconnet Fenouillet Ferrandière Figuière
    Flavigny Fleurance Fombelle Fontanès Fontbelle Fontenelle Fougères Fournerat Framboisier Frênaie
    Froidevaux Gâtinais Garrigue Gaudinière Genévrier Gévaudan Girardière Glycine Gourgandin Gouttenoire
    Grandchamp Grandmaison Granvelle Griffoul Grosbois Guérande Guilleminot Guimarais Hautefeuille Hauteroche
    Hérisson Hêtraie Houblon Houdelot Issoire Jacquemart Jasmin Jonquille Kerbrat Kermadec Labarthète Labrunie
    Lachaume Lafontan Lagarrigue Lalande Lamarque Lanvaux Lapeyrière Larrivée Lataste Laurier Lavandier
    Lavergne Lécuyer Lestrade Lévêque Lézardrieux Lieutaud Loiseleur Loriol Lupin Mâchecoul Magnolia
    Maisonneuve Malaterre Malicorne Marécage Marjolaine Marronnier Mascaret Maubuisson Mélèze Ménilles
    Merisier Mésange Meunière Mirabelle Moissonnier Monclar Montagnac Montaigu Montbrison Montclar Montfaucon
    Montgaillard Montjoie Montlahuc Mûrier Nadaillac Naudière Nénuphar Néouvielle Nérac Noisetier Noyère
    Olivère Orémus Orgeval Ormesson Palaprat Pâquerette Passerose Pâturin Pègre-Bois Pérouse Peuplier
    Pichegrain Pierrefonds Pinède Plantagenet Plélan Pommeraie Pontcarré Pontivy Poulmarch Pradelle
    Prévost-Lagrange Primevère Prunier Puivert Quatremère Quémener Quercitron Quintefeuille Rabastens Ravenel
    Rébénacq Régnière Ribérac Richebois Rivière Rocamadour Rochebrune Rochefleur Rocheplate Romarin Ronceray
    Roquebrune Rossignol Rougemont Roumégoux Ruisseau Sablière Sagnard Saintonge Salicorne Sansonnet Sarrazy
    Saulnier Savignac Sénéchal Sérignan Sévérac Solignac Sommières Sorbier Souchière Taillefer Tamarin
    Terrefort Thoiras Thymerais Tilleul Tournesol Tourterelle Trébeurden Trégastel Troëne Tulipier Valbonne
    Valcourt Valfleury Vallauris Vauclair Ventadour Vercors Verdière Vergnaud Vernière Vertefeuille Vieillard
    Vigneron Villedieu Villefranche Villeneuve Vivarais Yvelin
    """
)

FRENCH_PARTICLE_FAMILY: Final[tuple[str, ...]] = (
    "de Beauséjour",
    "de La Bruyère-Haute",
    "de la Sablière",
    "de Montjoie",
    "de Saint-Amand",
    "d'Aiguebelle",
    "d'Hauteroche",
    "d’Ormesson-Bas",  # a typographic apostrophe: not the same character as in d'Ormesson
    "d'Épinay",
    "du Chêne",
    "du Plessis-Vert",
    "des Garrigues",
    "des Étangs",
    "Le Bihannic",
    "Le Guennec",
    "Le Tallec",
    "Le Goaziou",
    "L'Hermitte",
    "L'Évêque",
    "La Combe",
    "La Rivière",
    "van der Beke",
    "van den Hove",
    "Van Houtte-Lys",
    "von Altenwald",
    "El Amrani",
    "Ben Yedder-Rives",
    "Da Fonseca",
    "Dos Ribeiros",
    "N'Dembo",
    "M'Baréwa",
    "Nguyễn Vinh",
    "Rivière-Duval",
    "Saint-Clar",
    "Sainte-Foy",
)
"""Family names of several words or with an apostrophe: the particle belongs to the name and is not a middle name."""

ENGLISH_FIRST: Final[tuple[str, ...]] = _words(
    """
    Abigail Adam Ailsa Alastair Albie Amber Amelia Angus Arabella Archie Ashley Aubrey Barnaby Beatrix Bethan
    Bronagh Caitlin Callum Cerys Clementine Connor Cordelia Daisy Declan Dermot Dominic Dylan Edith Edmund
    Eilidh Eleanor Elspeth Emrys Erin Ethan Evelyn Fergus Fiona Flora Freya George Georgia Gethin Gilbert
    Grace Graham Gwendolyn Hamish Harriet Harry Hazel Heather Henrietta Honor Hugh Imogen Iona Isla Ivy Jasper
    Jemima Jenny Jocelyn Julian Keira Kenneth Kirsty Lachlan Leonora Lewis Lorna Lowri Lydia Malcolm Marcus
    Matilda Megan Miles Millicent Morag Murray Nancy Nathaniel Nell Niamh Nigel Norah Oliver Olwen Orla Oscar
    Owen Padraig Patience Penelope Percy Phoebe Poppy Priya Ralph Reece Rhiannon Rhys Roisin Róisín Rory
    Rosalind Rowan Rufus Ruth Saoirse Seamus Séamus Seán Sian Siân Sidney Silas Simon Sinead Sinéad Stella
    Stuart Sybil Tabitha Tamsin Tobias Toby Tristan Uma Verity Violet Walter Wesley Wilfred Winifred Zara
    """
)

ENGLISH_FAMILY: Final[tuple[str, ...]] = _words(
    """
    Abernethy Alderbrook Amberley Applegarth Ashcombe Ashworthy Aspinwall Attlebridge Bagshawe Bancroft-Hill
    Barleycroft Barraclough Birchenough Blackmoor Blenkinsop Bramblewood Bransgrove Brightwater Brockenhurst
    Broomfield Burnside Buttercross Calderwood Carmichael-Dunn Chesterfold Clutterbuck Coldstream Coppersmith
    Cowperthwaite Crabtree Cranleigh Crosswell Daintree Dalrymple-Hay Deepwell Dovecote Drinkwater Dunwoody
    Eaglesham Eastwick Elderflower Ellerby Fairweather Farthingale Featherstone Fernsby Flintoft Fotheringham
    Foxglove Gillespie-Ross Goldhawk Goodenough Greenhalgh Greywell Hallowes Harbottle Hartfield Hathersage
    Hawksworth Heathcote Higginbottom Hollingberry Honeychurch Hornblower Inchbald Ironside Jessamine
    Kettlewell Kingsbridge Kirkpatrick-Lowe Lambourne Langstaffe Larkspur Lightfoot Loveday Lowbridge
    MacAlpine-Reid McKechnie McLintock Mapplebeck Marchbanks Merryweather Midwinter Millington Moorcroft
    Netherby Nightingale Northcote Oakenshaw O'Driscoll O'Flaherty O'Hanrahan O’Mulligan Oldcastle Otterburn
    Oxenbridge Padgett-Lane Pennyfeather Pettigrew Pickersgill Postlethwaite Quarmby Quickfall Ramsbottom
    Ravenscroft Redfern Rosethorn Rowbotham Saltmarsh Satterthwaite Seagrave Shufflebotham Silverwood
    Skelmersdale Smallbone Snowdon Southwell Stonebridge Sutcliffe-Moor Sweetapple Tattersall Tetlow
    Thistlethwaite Thornbury Threlkeld Tillingham Twelvetrees Underhill Uppington Venables Waddington-Fell
    Wainscott Wakelin Wetherby Wharfedale Whistlecroft Whitbread Wigglesworth Willoughby Winterbourne
    Wolstenholme Woodhead Wrigglesworth Yardley Yellowlees
    """
)

FRENCH_TRADES: Final[tuple[str, ...]] = (
    "Atelier",
    "Ateliers",
    "Boulangerie",
    "Brasserie",
    "Cabinet",
    "Caves",
    "Charpentes",
    "Clinique",
    "Coopérative",
    "Domaine",
    "Éditions",
    "Énergies",
    "Fonderie",
    "Forges",
    "Groupe",
    "Imprimerie",
    "Institut",
    "Jardins",
    "Laboratoires",
    "Laiterie",
    "Librairie",
    "Logistique",
    "Maison",
    "Menuiserie",
    "Mutuelle",
    "Papeterie",
    "Pépinières",
    "Savonnerie",
    "Scierie",
    "Studio",
    "Tissages",
    "Transports",
    "Tuilerie",
    "Verrerie",
    "Vignobles",
)

ENGLISH_TRADES: Final[tuple[str, ...]] = (
    "Analytics",
    "Bakery",
    "Brewing",
    "Capital",
    "Ceramics",
    "Consulting",
    "Dairy",
    "Design",
    "Engineering",
    "Foods",
    "Freight",
    "Insurance",
    "Joinery",
    "Media",
    "Nurseries",
    "Partners",
    "Press",
    "Software",
    "Textiles",
    "Timber",
)

FUNCTIONS: Final[tuple[str, ...]] = (
    "Acheteuse",
    "Architecte SI",
    "Assistante de direction",
    "Avocat associé",
    "CEO",
    "CFO",
    "Chargé d'études",
    "Chargée de communication",
    "Chef de projet",
    "Chef de projet digital",
    "Cheffe de produit",
    "Chief of staff",
    "CMO",
    "Commercial itinérant",
    "Consultant",
    "Contrôleur de gestion",
    "CTO",
    "DAF",
    "Dev Rel",
    "Directeur commercial",
    "Directeur général",
    "Directrice de l'innovation",
    "Directrice des achats",
    "Directrice des opérations",
    "Directrice marketing",
    "DPO",
    "DRH",
    "DSI",
    "Étudiante",
    "Facility manager",
    "Fondatrice",
    "Gérant",
    "Growth manager",
    "Head of partnerships",
    "Ingénieur d'affaires",
    "Ingénieure qualité",
    "Journaliste",
    "Juriste",
    "Marketing manager",
    "Office manager",
    "PDG",
    "Présidente",
    "Product owner",
    "Professeur des écoles",
    "R&D manager",
    "Responsable CRM",
    "Responsable de site",
    "Responsable e-commerce",
    "Responsable logistique",
    "Responsable RH",
    "Sales manager",
    "Secrétaire générale",
    "Technicienne de maintenance",
    "UX designer",
    "Vice-présidente",
    "VP Sales",
)
"""Job titles as people type them: many spellings of few functions, the reason for R23."""

ROLE_MAILBOXES: Final[tuple[str, ...]] = (
    "contact",
    "info",
    "accueil",
    "commercial",
    "compta",
    "sales",
    "support",
    "direction",
    "rh",
    "hello",
)
"""Local parts that belong to a desk and not to a person."""
