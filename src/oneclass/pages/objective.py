"""The tables and figures of paper 1 (objective)."""

from oneclass.pages import shown_objective as shown
from oneclass.pages.page import Page, Section

IMAGES = Section(
    "1.1",
    "Is an image anomalous? (Protocol A)",
    "A frozen network turns each image into one list of numbers, its pooled features, and a projector is trained on "
    "those of normal images. How well does the distance to the centre tell normal images from anomalous ones?",
)
CENTER = Section(
    "1.2",
    "The centre's distribution",
    "The centre that normal images are sent to is drawn at random. Does it matter from which distribution?",
)
NORM = Section(
    "1.3",
    "The centre's norm",
    "Does it matter how far the centre is from the origin? The paper says that a large norm harms, and sooner where "
    "normal and anomalous images are alike.",
)
PARTS = Section(
    "1.4",
    "Backbones and projectors",
    "Do the conclusions depend on which frozen network gives the features, or on the form of the projector?",
)
CLOSED_FORM = Section(
    "1.5",
    "The closed form",
    "Not in the paper: its training has an exact solution, so AUROC can be computed for any training time and norm "
    "without training.",
)
DEFECTS = Section(
    "1.6",
    "Where are the defects? (Protocol B)",
    "Features are now kept for each place of an image, so that a defect can be located. Image scores ask whether an "
    "image has a defect, pixel scores where it is.",
)
ONLINE = Section(
    "1.7",
    "Learning online (Protocol C)",
    "Normal images are seen once, one at a time, and not kept. How much is lost?",
)
BAND = "one standard deviation over repetitions, cut off at 100 %"

OBJECTIVE_PAGES = (
    Page("objective_fig1", IMAGES, "figures.method:draw", shown.METHOD).about(
        """The method
        An image, a frozen network, a projector that is the only thing trained, and the distance of its output to a
        fixed centre. Shapes, parameters and the centre's norm are those of a projector of this run, the picture is its
        first anomalous test image, and with multi-scale features the map at the right is that picture's. The paper's
        images are 224 × 224, its features 2,048 numbers (ResNet-152) or 1,792 × 56 × 56 (Wide ResNet-50-2)."""
    ),
    Page("objective_table1", IMAGES, "tables.objective:methods", shown.COMPARED).about(
        """Image one-class classification (Protocol A)
        The paper's projector, trained as in the paper (*Adam*) or on all images at once (*full batch*), whichever was
        run, and without training (*closed form*), next to one-class SVM, nearest neighbours and Mahalanobis distance on
        the same features and splits. *Published* values are the paper's; a dash means that there is no number."""
    ),
    Page("objective_tableS1", IMAGES, "tables.objective:datasets", shown.DATASETS).about(
        """Data sets
        Numbers measured here count what this run indexed, after any limit on images per class. For MVTec AD, MPDD and
        VisA the paper's *Train* and *Test* are totals of normal and anomalous images, so they are not expected to
        agree. In a data set of classes an image is normal or anomalous only once a class is chosen: all count as normal
        here."""
    ),
    Page("objective_figS1", IMAGES, "figures.samples:draw", shown.SAMPLES).about(
        """Samples
        Four normal test images (above) and four anomalous ones (below) of each data set, drawn by a fixed seed and not
        selected by eye. They are shown as stored, before resizing and cropping."""
    ),
    Page("objective_decision", IMAGES, "tables.decision:errors", shown.DECIDED).about(
        """The decision 1{d > R}
        The paper's Equation 16 calls an image anomalous if its distance d to the centre is above the radius R of its
        loss, and prints R = 1e-5. AUROC, which all other tables have, needs no radius. Here is what the rule decides at
        the printed radius, and at one that normal images give, for the class that figures show of each data set."""
    ),
    Page("objective_table4", CENTER, "tables.objective:centers", shown.METRICS).about(
        """Distribution of the hypersphere centre
        The paper scales centres of four kinds to norm 1 and finds 93.86 to 93.93 on CIFAR10 and 98.93 to 99.00 on MVTec
        AD: the distribution does not matter. Here all are trained with the same first weights and order of images, so
        differences between rows come from the centre alone; compare them with the standard deviation over repetitions.
        The closed form has one row because only the norm enters it. *Feature mean, not scaled* keeps its own norm,
        which Figure 4 shows."""
    ),
    Page("objective_figS6", CENTER, "figures.tsne:draw", shown.EMBEDDING).about(
        """t-SNE for each kind of centre
        Test images of one class after projection: one panel per kind of centre, first repetition, with the AUROC of
        that projector. t-SNE keeps neighbourhoods only, so compare how normal and anomalous points mix, not distances
        or positions. For the frog class of CIFAR10 the paper finds that such maps look alike."""
    ),
    Page("objective_tableS5", NORM, "tables.objective:norms", shown.NORMS).about(
        """Norm of the hypersphere centre
        In the paper CIFAR10 stays between 93.8 and 94.1 up to norm 16 and falls to 91.3 at 32. Here every norm is
        trained from the same first weights and images. Read along a row; the rows of the closed form show how much of
        the fall is explained without training. The *Cosine* rows give the mean cosine between normal and anomalous test
        images after projection, which the paper says rises with the norm."""
    ),
    Page("objective_tableS6", NORM, "tables.defects:norms", shown.ON_MAPS).about(
        """Norm of the hypersphere centre on multi-scale maps
        On MVTec AD the paper's image AUROC falls from 99.0 at norms 1 and 2 to 97.2 at norm 4 and 89.2 at norm 8:
        sooner than on CIFAR10 (Table S5), which it puts down to normal and anomalous images being more alike. Pixel
        AUROC, which the paper does not give, is below."""
    ),
    Page("objective_fig2", NORM, "figures.polar:norms_and_angles", shown.PROJECTED).about(
        """Norm and angle
        Each point is a test image of one class after projection: its radius is the length of the projected feature, its
        angle the one to the centre (black cross). An image with multi-scale features has one for each position; its
        point is the position farthest from the centre. Blue circles are normal, orange triangles anomalous; the panels
        of a row share the first weights, and their angular ranges differ. The paper sees anomalous images close up on
        normal ones in angle as the norm grows."""
    ),
    Page("objective_convergence", NORM, "figures.convergence:draw", shown.CONVERGENCE).about(
        """Norm and angle during training
        The paper argues (Equations 13 and 14) that training brings the norm of the projected normal images to that of
        the centre before it closes the angles between them. Top: their norm (root mean square), with the centre's
        dotted; middle: the angle whose cosine is the mean over pairs of them, weighted by norm, as in Equation 12;
        bottom: the angle between their mean and the centre. Lines begin before training and are means over classes and
        repetitions, with centres from N(0, 1). The claim asks that lines of the top row reach their dotted one while
        those of the middle row still fall. A dot marks from where a line stays within a tenth of its range of its last
        value. Training images; of pooled features at most 64 of each class."""
    ),
    Page("objective_fig3", NORM, "figures.norms:averages", shown.AVERAGES).about(
        f"""AUROC against the norm
        Solid lines are projectors trained by Adam, with a band of {BAND}; dotted lines are trained on all images at
        once; dashed lines are the closed form at its chosen training time. Values are image AUROC, averaged over
        classes. The paper finds that AUROC falls with the norm, sooner on MVTec AD than on CIFAR10."""
    ),
    Page("objective_fig4", NORM, "figures.norms:feasible", shown.ALIKE).about(
        """Feasible norms
        Each row is a data set with the mean cosine between its normal and anomalous pretrained features, each dot a
        norm, coloured and labelled by mean AUROC; the grey band joins the norms that reach the configured threshold,
        and the interval says so in the paper's way: [1, 8) is from 1 to below 8, the next norm that was tried. Rows
        marked *published* (squares) are the paper's: its cosines, and its AUROCs of Tables S5 and S6. Diamonds (AUROC
        below) are centres that are the mean feature as it is, at its own norm (mean over classes): the paper says that
        they are feasible. A few rows are examples and do not prove a rule."""
    ),
    Page("objective_figS4", NORM, "figures.polar:angles", shown.ANGLES).about(
        """Angles under a small and a large norm
        The distribution of angles to the centre for the smallest and the largest norm, or those that the configuration
        names, normal images in blue and anomalous ones in orange. Note the scale of the angles, which shrinks as the
        norm grows; the AUROC in each title is that of the score. With multi-scale features the angle is that of the
        position farthest from the centre. In the paper AUROC falls from 95.8 (norm 1) to 92.7 (norm 32) for the frog
        class of CIFAR10, and from 99.6 (norm 1) to 75.2 (norm 8) for the grid category of MVTec AD."""
    ),
    Page("objective_figS5", NORM, "figures.norms:classes", shown.TRAINED).about(
        f"""AUROC against the norm, by class
        One line per normal class, trained with centres from N(0, 1); the band is {BAND}. Classes that start lower need
        not be those that fall sooner."""
    ),
    Page("objective_tableS2", PARTS, "tables.objective:backbones", shown.BACKBONES).about(
        """Backbones
        The configured backbones with the paper's default centre and norm. The paper compares ResNet-18, Wide ResNet-50
        and ResNet-152; its MVTec AD value for Wide ResNet-50 uses multi-scale maps. Here features are pooled (A), and
        multi-scale (B) for the backbones that Protocol B was run with."""
    ),
    Page("objective_tableS3", PARTS, "tables.objective:projectors", shown.PROJECTORS).about(
        """Projectors
        On a pooled feature, or at each position of a map, a 1×1 convolution and a linear layer are the same function of
        the same parameters. Both are trained once, exactly as the paper writes it, from the same first weights: they
        should agree up to rounding. The paper finds 99.0 with a convolution and 97.3 with a linear layer on MVTec
        AD."""
    ),
    Page("objective_closed_form", CLOSED_FORM, "figures.closed_form:draw", shown.CLOSED_FORM).about(
        """The closed form: training time and norm
        Beyond the paper: its training has an exact solution for plain gradient descent, averaged over first weights
        (docs/closed_form.md). Wide panels: mean AUROC over training time, one line per norm; the grey band spans the
        times that the 1 % rule chooses from normal training images alone. Narrow panels: the same norms trained by
        Adam, after the last epoch. Falling lines at the right are the collapse that the paper warns of."""
    ),
    Page("objective_table2", DEFECTS, "tables.defects:methods", shown.PROTOCOL_B).about(
        """Detection and segmentation of defects (Protocol B)
        The paper's projector on multi-scale maps, trained as in the paper (*Adam*), on all images at once (*full
        batch*) and without training (*closed form*), next to PaDiM, a PatchCore-style nearest neighbour and Mahalanobis
        distance on the same maps and splits. Rows called *centred* subtract the normal images' mean feature first,
        which the paper does not do. A data set without masks has image metrics only."""
    ),
    Page("objective_tableS4", DEFECTS, "tables.defects:categories", shown.ON_MAPS_COMPARED).about(
        """Detection and segmentation of defects by category (Protocol B)
        Image and, below, pixel AUROC of each category; the paper gives image AUROC. Some published averages differ from
        those of their own categories, or from Table 2 (IGD 86.3 against 93.4, Patch SVDD 90.1 against 92.1); they are
        shown as printed. The paper calls the category transistor *Transformer*."""
    ),
    Page("objective_figS2", DEFECTS, "figures.defects:best", shown.DEFECTS).about(
        """Defects, best cases
        The two anomalous test images of each category with the highest scores: the image, the outline of its mask if
        there are masks, and the smoothed map of distances to the centre (first repetition). Figure S3 shows the hardest
        cases. Colours run from the lowest distance in any test image of the category to the median score of its
        anomalous ones; rank 1 is the highest score."""
    ),
    Page("objective_figS3", DEFECTS, "figures.defects:worst", shown.DEFECTS).about(
        """Defects, worst cases
        For each category the anomalous test image with the lowest score (left) and the normal one with the highest
        (right), as in Figure S2. In an ideal ranking the rank on the left would be the number of anomalous images, and
        the rank on the right one more. The paper does not show such cases."""
    ),
    Page("objective_table3", ONLINE, "tables.defects:methods", shown.PROTOCOL_C).about(
        """Online detection and segmentation of defects (Protocol C)
        Every normal image is seen once, alone, and not kept. The projector takes one Adam step per image; the closed
        form adds up second moments image by image and is solved after the last. Compare with Table 2, where all images
        are at hand: there the paper's image AUROC on MVTec AD is 5.6 points higher, its pixel AUROC 2.6."""
    ),
    Page("objective_online", ONLINE, "figures.online:draw", shown.LEARNING).about(
        f"""Learning from one image at a time
        AUROC on the whole test set by the number of images seen, averaged over categories; the band is {BAND}. Solid:
        one Adam step per image, as in the paper. Dashed: the closed form of the running second moments. Dotted:
        training for all epochs on all images (Protocol B), in the norm's colour. A category whose images have run out
        keeps its last value. The test images choose nothing here, but a learner in use would not have these curves."""
    ),
)
