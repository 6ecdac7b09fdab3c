"""What visitors see of the news."""

from django.db.models import QuerySet
from django.views.generic import DetailView, ListView

from news.models import Article


class ArticleList(ListView):
    """This site's articles, newest first."""

    paginate_by = 20

    def get_queryset(self) -> QuerySet[Article]:
        """Asked anew by every request, since it compares with the present time."""
        return Article.published.all()


class ArticleDetail(DetailView):
    """One article; another site's is not found."""

    def get_queryset(self) -> QuerySet[Article]:
        """As the list's."""
        return Article.published.all()
